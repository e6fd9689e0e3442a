package nlcore

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// readSize is the length in bytes of a read buffer: the kernel makes no dump
// datagram longer than this, whatever it is offered (netlink_recvmsg).
const readSize = 32 << 10

// A reader takes the kernel's datagrams apart into messages.
type reader struct {
	t    transport
	n    *counters
	buf  []byte
	d    datagram // the last one
	rest []byte   // what is unread of it
}

// A lossError says that something from the kernel did not arrive whole: the
// queue overran (ENOBUFS), a datagram was longer than the buffer (EMSGSIZE),
// or made no sense (EBADMSG).
type lossError struct{ errno unix.Errno }

func (e *lossError) Error() string { return fmt.Sprintf("messages lost: %v", e.errno) }
func (e *lossError) Unwrap() error { return e.errno }

func isLoss(err error) bool {
	var e *lossError
	return errors.As(err, &e)
}

// next gives the next message of the kernel; its Body lives until the next
// call. Without wait it gives EAGAIN when there is none.
func (r *reader) next(wait bool) (Message, error) {
	for len(r.rest) == 0 {
		if err := r.fill(wait); err != nil {
			return Message{}, err
		}
	}
	m, rest, ok := cutMessage(r.rest)
	r.rest = rest
	if !ok {
		r.n.malformed.Add(1)
		return Message{}, &lossError{unix.EBADMSG}
	}
	if m.Type == unix.NLMSG_OVERRUN {
		r.n.overruns.Add(1)
		return Message{}, &lossError{unix.ENOBUFS}
	}
	return m, nil
}

// fill reads a datagram; a foreign one leaves rest empty.
func (r *reader) fill(wait bool) error {
	if r.buf == nil {
		r.buf = make([]byte, readSize)
	}
	d, err := r.t.receive(r.buf, wait)
	switch {
	case errors.Is(err, unix.ENOBUFS):
		r.n.overruns.Add(1)
		return &lossError{unix.ENOBUFS}
	case err != nil:
		return err
	}
	r.n.reads.Add(1)
	switch {
	case d.from != 0:
		r.n.foreign.Add(1)
	case d.full > len(d.b):
		r.n.truncated.Add(1)
		r.buf = make([]byte, align(d.full))
		return &lossError{unix.EMSGSIZE}
	default:
		r.d, r.rest = d, d.b
	}
	return nil
}

// discard throws away everything that waits. It ends at the first moment at
// which nothing does, or at an error other than a loss.
func (r *reader) discard() error {
	r.rest = nil
	for losses := 0; ; {
		_, err := r.t.receive(r.buf, false)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.ENOBUFS) && losses < patience:
			losses++
			r.n.overruns.Add(1)
		case err != nil:
			return err
		default:
			losses = 0
			r.n.reads.Add(1)
			r.n.discarded.Add(1)
		}
	}
}

// An await is the wait for what answers n requests with consecutive sequence
// numbers from first on. After a loss it only looks at what is there already:
// the kernel answers a request before the send returns, so an answer that is
// not there was lost.
type await struct {
	in       *reader
	first, n uint32
	lost     error
	losses   int // in a row
}

// next gives the next answer. A message with another sequence number is
// counted and dropped.
func (a *await) next() (Message, error) {
	for {
		m, err := a.in.next(a.lost == nil)
		switch {
		case err == nil && m.Seq-a.first < a.n:
			return m, nil
		case err == nil:
			a.in.n.stray.Add(1)
			a.losses = 0
		case isLoss(err) && a.losses < patience:
			a.losses++
			a.lost = err
		case errors.Is(err, unix.EAGAIN) && a.lost != nil:
			return Message{}, a.lost
		default:
			return Message{}, err
		}
	}
}
