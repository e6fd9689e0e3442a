package nlcore

import (
	"fmt"
	"slices"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// echoMessages is how many messages of a batch with echoes go into one
// datagram, so that 4 KiB for each echo fit a default receive queue.
const echoMessages = 250

// DoEcho is Do with NLM_F_ECHO: it gives the notifications that r caused, which
// say what the kernel made of it, the number of a new link for example. Their
// Bodies are the caller's. A kernel that knows no echo for the message gives
// none: links have one since 6.2; addresses, routes, rules, qdiscs, classes and
// filters always had. If r was carried out but its echoes were lost, the error
// errors.Is ENOBUFS (or EMSGSIZE) and is no *Error.
func (c *Conn) DoEcho(ctx until.Context, r Request) ([]Message, error) {
	end, err := c.begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	defer end()
	c.n.writes.Add(1)
	r.Flags |= unix.NLM_F_ECHO
	var echoes []Message
	lost, err := c.exchange(ctx, &r, func(m Message) {
		m.Body = slices.Clone(m.Body)
		echoes = append(echoes, m)
	})
	if err == nil && lost != nil {
		err = fmt.Errorf("%s: carried out, but its echo was lost: %w", r.label(c.bus), lost)
	}
	return echoes, err
}

// BatchEcho is Batch with NLM_F_ECHO: each is called for each notification
// that a request caused, with the request's index; the message lives until it
// returns. It must not call c.
func (c *Conn) BatchEcho(ctx until.Context, rs []Request, each func(i int, m Message)) error {
	return c.batch(ctx, rs, batchKind{flags: unix.NLM_F_ECHO, messages: echoMessages, echo: each})
}
