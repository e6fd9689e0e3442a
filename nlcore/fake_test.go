package nlcore

import (
	"encoding/binary"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// A fake is a transport in memory. Each datagram that is sent goes to answer,
// whose steps are then what receive gives, one by one. What it assumes of the
// kernel is checked against the real one in kernel_test.go: answers are there
// when send returns, and ENOBUFS comes before what was queued earlier.
type fake struct {
	answer func(sent []Message) []step

	mu          sync.Mutex
	change      *sync.Cond
	steps       []step
	interrupted bool
	closed      bool
}

// A step is one result of a receive.
type step struct {
	b    []byte
	from uint32 // port ID of the sender
	full int    // length before truncation, 0: len(b)
	err  error
}

// newFake makes a Conn on a fake; every sent datagram goes to answer.
func newFake(answer func(sent []Message) []step) (*Conn, *fake) {
	f := &fake{answer: answer}
	f.change = sync.NewCond(&f.mu)
	return newConn(unix.NETLINK_ROUTE, f, Options{}), f
}

func (f *fake) send(b []byte) error {
	var sent []Message
	for len(b) > 0 {
		m, rest, ok := cutMessage(b)
		if !ok {
			return unix.EINVAL
		}
		sent, b = append(sent, m), rest
	}
	f.push(f.answer(sent)...)
	return nil
}

// push queues steps, as events come without a request.
func (f *fake) push(steps ...step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steps = append(f.steps, steps...)
	f.change.Broadcast()
}

func (f *fake) receive(b []byte, wait bool) (datagram, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case f.closed:
			return datagram{}, os.ErrClosed
		case f.interrupted:
			return datagram{}, os.ErrDeadlineExceeded
		case len(f.steps) > 0:
			return f.pop(b)
		case !wait:
			return datagram{}, unix.EAGAIN
		}
		f.change.Wait()
	}
}

// pop gives the first step.
func (f *fake) pop(b []byte) (datagram, error) {
	s := f.steps[0]
	f.steps = f.steps[1:]
	if s.err != nil {
		return datagram{}, s.err
	}
	return datagram{b: b[:copy(b, s.b)], full: max(s.full, len(s.b)), from: s.from, nsid: ownNSID}, nil
}

func (f *fake) set(interrupted bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.interrupted = interrupted
	f.change.Broadcast()
}

func (f *fake) interrupt() { f.set(true) }
func (f *fake) resume()    { f.set(false) }

func (f *fake) control(func(int) error) error { return unix.ENOTSOCK }

func (f *fake) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return os.ErrClosed
	}
	f.closed = true
	f.change.Broadcast()
	return nil
}

// one makes a step of one or more messages.
func one(ms ...Message) step {
	var b []byte
	for _, m := range ms {
		b = appendMessage(b, m)
	}
	return step{b: b}
}

// ack answers m with an errno, 0 for success.
func ack(m Message, errno unix.Errno) Message {
	body := binary.NativeEndian.AppendUint32(nil, uint32(-int32(errno)))
	body = append(body, appendMessage(nil, Message{Type: m.Type, Flags: m.Flags, Seq: m.Seq})...)
	return Message{Type: unix.NLMSG_ERROR, Flags: unix.NLM_F_CAPPED, Seq: m.Seq, Body: body}
}

// acks is a kernel that carries out all but what refuse gives an errno for: it
// answers a request that fails or asks for an ack, in one datagram each.
func acks(refuse func(m Message) unix.Errno) func([]Message) []step {
	return func(sent []Message) []step {
		var steps []step
		for _, m := range sent {
			if errno := refuse(m); errno != 0 || m.Flags&unix.NLM_F_ACK != 0 {
				steps = append(steps, one(ack(m, errno)))
			}
		}
		return steps
	}
}

func yes(Message) unix.Errno { return 0 }

// row is the n-th message of a fake dump.
func row(seq uint32, n int, flags uint16) Message {
	return Message{
		Type: unix.RTM_NEWLINK, Flags: unix.NLM_F_MULTI | flags, Seq: seq,
		Body: binary.NativeEndian.AppendUint32(nil, uint32(n)),
	}
}

func done(seq uint32, flags uint16) Message {
	return Message{Type: unix.NLMSG_DONE, Flags: unix.NLM_F_MULTI | flags, Seq: seq, Body: make([]byte, 4)}
}

// listing is the answer to a dump: three datagrams of two rows, then DONE.
func listing(seq uint32) []step {
	return []step{
		one(row(seq, 0, 0), row(seq, 1, 0)),
		one(row(seq, 2, 0), row(seq, 3, 0)),
		one(row(seq, 4, 0), row(seq, 5, 0)),
		one(done(seq, 0)),
	}
}

// rows collects the numbers that a dump gives until its error.
func rows(t *testing.T, c *Conn, r Request) (got []int, err error) {
	t.Helper()
	for m, err := range c.Dump(soon(t), r) {
		if err != nil {
			return got, err
		}
		got = append(got, int(binary.NativeEndian.Uint32(m.Body)))
	}
	return got, nil
}
