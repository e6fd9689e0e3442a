package nlcore

import (
	"errors"
	"math"
	"time"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// Ping sends NLMSG_NOOP to the bus and gives the time until the kernel's ack.
// It needs no capability and changes nothing. A bus that is there but does
// not speak by the rules never answers, so ctx should end. An *Error still
// shows that something answered, and comes with the time.
func (c *Conn) Ping(ctx until.Context) (time.Duration, error) {
	start := time.Now()
	_, err := c.Get(ctx, Request{Type: unix.NLMSG_NOOP, Label: "ping " + busOf(c.bus).String()})
	if errors.Is(err, unix.ENODATA) { // as it should be: an ack, and no message before it
		err = nil
	}
	return time.Since(start), err
}

// Pings sums up what Ping gave, as ping(8) does; times are in microseconds. The zero
// value is ready for use.
type Pings struct {
	_ [0]func() // no equality: it would be code

	Sent     int `json:"sent"`
	Received int `json:"received"`
	Lost     int `json:"lost_percent"`

	Min int `json:"min"`
	Avg int `json:"avg"`
	Max int `json:"max"`
	Dev int `json:"mdev"` // the standard deviation

	sum     float64 `json:"-"`
	squares float64 `json:"-"`
}

// Add counts a ping that took so many microseconds; a negative time is one without
// an answer.
func (p *Pings) Add(us int) {
	p.Sent++
	if us >= 0 {
		p.Received++
		if p.Received == 1 || us < p.Min {
			p.Min = us
		}
		p.Max = max(p.Max, us)
		n, t := float64(p.Received), float64(us)
		p.sum += t
		p.squares += t * t
		mean := p.sum / n
		p.Avg, p.Dev = int(mean), int(math.Sqrt(max(0, p.squares/n-mean*mean)))
	}
	p.Lost = (p.Sent - p.Received) * 100 / p.Sent
}
