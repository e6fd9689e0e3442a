package nlcore

import (
	"fmt"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// A datagram of a batch is full at this many messages or bytes. More gains
// nothing, and this much fits a default send buffer.
const (
	batchMessages = 1000
	batchBytes    = 64 << 10
)

// Batch sends rs in order, as many in one datagram as is worth while, and asks
// for an ack only at the end of each datagram. Each message counts as a write.
//
// A failure is a *BatchError. Its first *Error (errors.As finds it) tells the
// index and the label of the first message that the kernel refused. The kernel
// does not stop there: it has carried out, or refused, every later message of
// the same datagram too (netlink_rcv_skb), and no message of the datagrams
// that would have followed was sent. BatchError tells which is which. Requests
// that build on each other therefore fail one after the other, and those that
// do not are done.
//
// A caller with very many requests can call Batch for a thousand at a time
// from the same memory; it costs the same.
//
// A warning (Options.Warn) only comes with an ack, so with the last message of
// a datagram.
func (c *Conn) Batch(ctx until.Context, rs []Request) error {
	return c.batch(ctx, rs, batchKind{messages: batchMessages})
}

// A batchKind is what makes a batch with echoes another one.
type batchKind struct {
	flags    uint16 // of each message, beside its own
	messages int    // in one datagram at most
	echo     func(i int, m Message)
}

func (c *Conn) batch(ctx until.Context, rs []Request, k batchKind) error {
	if len(rs) == 0 {
		return nil
	}
	end, err := c.begin(ctx)
	if err != nil {
		return &BatchError{Of: len(rs), Cause: err}
	}
	defer end()
	for sent := 0; sent < len(rs); {
		if err := ctx.Err(); err != nil {
			return &BatchError{Of: len(rs), Sent: sent, Cause: err}
		}
		n := fits(rs[sent:], k.messages)
		if err := c.part(ctx, rs, sent, n, k); err != nil {
			return err
		}
		sent += n
	}
	return nil
}

// fits gives how many of rs go into one datagram; at least one.
func fits(rs []Request, most int) int {
	bytes := 0
	for i := range rs {
		bytes += unix.NLMSG_HDRLEN + align(len(rs[i].Body))
		if i == most || i > 0 && bytes > batchBytes {
			return i
		}
	}
	return len(rs)
}

// part sends rs[from:from+n] as one datagram and waits for its last answer.
func (c *Conn) part(ctx until.Context, rs []Request, from, n int, k batchKind) error {
	first := c.next(n)
	for i := range n {
		flags := unix.NLM_F_REQUEST | k.flags
		if i == n-1 {
			flags |= unix.NLM_F_ACK
		}
		c.add(&rs[from+i], flags, first+uint32(i))
	}
	if err := c.flush(); err != nil {
		return &BatchError{Of: len(rs), Sent: from, Cause: err}
	}
	c.n.writes.Add(uint64(n))
	return c.answers(ctx, rs, from, await{in: &c.in, first: first, n: uint32(n)}, k)
}

// answers collects the refusals of one datagram until the answer to its last
// message; first in a is the sequence number of rs[from].
func (c *Conn) answers(ctx until.Context, rs []Request, from int, a await, k batchKind) error {
	last := a.first + a.n - 1
	failed := BatchError{Of: len(rs), Sent: from + int(a.n)}
	for {
		m, err := a.next()
		if err != nil {
			return failed.result(ended(ctx, err))
		}
		i := from + int(m.Seq-a.first)
		if m.Type != unix.NLMSG_ERROR {
			if k.echo != nil {
				k.echo(i, m)
			}
			continue
		}
		if err := c.verdict(&rs[i], m); err != nil {
			failed.add(err, i)
		}
		if m.Seq == last {
			return failed.result(a.lost)
		}
	}
}

// A BatchError tells what became of a batch that was not carried out whole.
type BatchError struct {
	// Failed are the refusals in order, each with its Index; all of one datagram.
	Failed []*Error

	// Sent is how many of the requests, from the first on, were given to the
	// kernel. Those before Sent that are not in Failed were carried out, unless
	// Cause is set.
	Sent int

	// Of is how many requests the batch had.
	Of int

	// Cause, if not nil, is why the answers are not complete: a context that
	// ended, an overrun, a send that failed. What became of the last datagram's
	// messages that are not in Failed is then unknown.
	Cause error
}

// add notes the refusal of request i, at its place.
func (e *BatchError) add(err error, i int) {
	refusal, ok := err.(*Error)
	if !ok {
		e.Cause = err
		return
	}
	refusal.Index, refusal.of = i, e.Of
	e.Failed = append(e.Failed, refusal)
	for at := len(e.Failed) - 1; at > 0 && e.Failed[at-1].Index > i; at-- { // rarely: the kernel answers in order
		e.Failed[at-1], e.Failed[at] = e.Failed[at], e.Failed[at-1]
	}
}

// result gives e as an error, or nil when there is nothing to tell.
func (e *BatchError) result(cause error) error {
	if e.Cause == nil {
		e.Cause = cause
	}
	if len(e.Failed) == 0 && e.Cause == nil {
		return nil
	}
	return e
}

// Error gives the first failure, how many there are beside it, and the cause
// of doubt.
func (e *BatchError) Error() string {
	if len(e.Failed) == 0 {
		return fmt.Sprintf("batch of %d messages, %d sent: %v", e.Of, e.Sent, e.Cause)
	}
	text := e.Failed[0].Error()
	if more := len(e.Failed) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	if e.Cause != nil {
		text += fmt.Sprintf("; then: %v", e.Cause)
	}
	return text
}

// Unwrap gives the refusals in order, then the cause.
func (e *BatchError) Unwrap() []error {
	var all []error
	for _, f := range e.Failed {
		all = append(all, f)
	}
	if e.Cause != nil {
		all = append(all, e.Cause)
	}
	return all
}
