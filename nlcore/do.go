package nlcore

import (
	"errors"
	"fmt"
	"slices"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// Do sends r and waits for the kernel's ack. It counts as a write, also when
// the kernel refuses it.
//
// A refusal is an *Error. If ctx ends first, or the ack was lost (ENOBUFS), it
// is unknown whether the kernel carried r out. The Conn stays usable.
func (c *Conn) Do(ctx until.Context, r Request) error {
	end, err := c.begin(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	defer end()
	c.n.writes.Add(1)
	_, err = c.exchange(ctx, &r, func(Message) {})
	return err
}

// Get sends r and gives the one message that answers it; Body is the caller's.
// It is not a write. A refusal is an *Error; an ack without any message before
// it is ENODATA. A reply longer than the read buffer is asked for once more.
func (c *Conn) Get(ctx until.Context, r Request) (Message, error) {
	end, err := c.begin(ctx)
	if err != nil {
		return Message{}, fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	defer end()
	m, err := c.get(ctx, &r)
	if errors.Is(err, unix.EMSGSIZE) {
		m, err = c.get(ctx, &r)
	}
	return m, err
}

// get is Get with the turn taken.
func (c *Conn) get(ctx until.Context, r *Request) (Message, error) {
	var reply Message
	var found bool
	lost, err := c.exchange(ctx, r, func(m Message) {
		if !found {
			reply, found = m, true
			reply.Body = slices.Clone(m.Body)
		}
	})
	switch {
	case err == nil && !found && lost != nil:
		err = fmt.Errorf("%s: %w", r.label(c.bus), lost)
	case err == nil && !found:
		err = fmt.Errorf("%s: acknowledged without a reply: %w", r.label(c.bus), unix.ENODATA)
	}
	if err != nil {
		return Message{}, err
	}
	return reply, nil
}

// exchange sends r, hands what answers it to each, and ends at the ack. The
// message passed to each lives until each returns. lost says what went missing
// before the ack came.
func (c *Conn) exchange(ctx until.Context, r *Request, each func(Message)) (lost, err error) {
	seq := c.next(1)
	c.add(r, unix.NLM_F_REQUEST|unix.NLM_F_ACK, seq)
	if err := c.flush(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	a := await{in: &c.in, first: seq, n: 1}
	for {
		m, err := a.next()
		if err != nil {
			return a.lost, fmt.Errorf("%s: %w", r.label(c.bus), ended(ctx, err))
		}
		if m.Type == unix.NLMSG_ERROR {
			return a.lost, c.verdict(r, m)
		}
		each(m)
	}
}
