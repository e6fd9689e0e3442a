package nlcore

import (
	"fmt"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// Send sends m as it is: type, flags, sequence number and port ID as given. It
// waits for no answer and is not counted as a write. It may be called while
// another goroutine is in Receive.
func (c *Conn) Send(m Message) error {
	if err := c.send(appendMessage(make([]byte, 0, unix.NLMSG_HDRLEN+align(len(m.Body))), m)); err != nil {
		return fmt.Errorf("send %s: %w", TypeName(c.bus, m.Type), err)
	}
	return nil
}

// Receive gives the next message of the kernel, whatever it is; Body lives
// until the next call on c. An overrun is an error that errors.Is ENOBUFS,
// after which Receive goes on with what is left.
func (c *Conn) Receive(ctx until.Context) (Message, error) {
	end, err := c.begin(ctx)
	if err != nil {
		return Message{}, fmt.Errorf("receive from %v: %w", busOf(c.bus), err)
	}
	defer end()
	m, err := c.in.next(true)
	if err != nil {
		return Message{}, fmt.Errorf("receive from %v: %w", busOf(c.bus), ended(ctx, err))
	}
	return m, nil
}
