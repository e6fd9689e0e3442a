package nlcore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"

	"bootlink/nlcore/until"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Options says how a socket is opened. The zero value serves most callers.
type Options struct {
	// NetNS is the network namespace of the socket: "" for this one, a name
	// below /run/netns as ip-netns(8) makes them, or the path of a namespace
	// file, such as /proc/1234/ns/net for that of a process. Entering one needs
	// CAP_SYS_ADMIN. The calling thread stays where it is.
	NetNS string

	// ReceiveBuffer is the size in bytes asked for the kernel's receive queue,
	// which the kernel doubles; see SO_RCVBUFFORCE in socket(7). Without
	// CAP_NET_ADMIN net.core.rmem_max limits it. The memory is only used while
	// messages wait. 0 gives 1 MiB, or 8 MiB for a subscription.
	ReceiveBuffer int

	// Warn, if not nil, gets the words that the kernel attaches to a request
	// that it carried out all the same.
	Warn func(label, text string)

	// Trace, if not nil, sees each datagram that is sent (out) or received. It
	// must not keep or change it; a send and a receive may be traced at once.
	// Boxes.Trace is such a function; pcap.Capture gives them.
	Trace func(out bool, datagram []byte)

	// The rest is for Subscribe.

	// Filter, if not nil, makes the kernel drop events before they are queued.
	Filter *Filter

	// AllNamespaces asks for the events of every network namespace that has an
	// ID in this one (ip netns set); see Event.NSID. It needs CAP_NET_BROADCAST.
	AllNamespaces bool

	// Burst is how many datagrams a subscription takes from the kernel at most
	// with one system call; each has a place of 32 KiB, of which the kernel
	// gives real memory only to the part that was ever used. 0 gives 32.
	Burst int
}

// connBuffer holds the answers to a batch of which every message fails: 1000
// of them, 832 bytes each in the kernel's accounting.
const connBuffer = 1 << 20

// A Conn is a socket on one bus. Its methods may be called by several
// goroutines: one call is served at a time, the others wait for their turn
// until their context ends. Send and Stats do not wait.
type Conn struct {
	bus  int
	port uint32
	warn func(label, text string)
	t    transport
	n    counters
	turn chan struct{} // holds a token while a call is served

	// Guarded by turn.
	in         reader
	out        []byte // datagram being written, kept for its memory
	seq        uint32 // last sequence number used
	unfinished uint32 // sequence number of a dump of which the end was not read; 0: none

	sending sync.Mutex // guards the transport's send; innermost
}

// Dial opens a socket on a bus (0 to 31) and lets the kernel choose its port
// ID. Extended acks and strict checking are switched on where the kernel has
// them (4.12 and 4.20). A bus that the kernel lacks is an *UnsupportedError;
// opening it makes the kernel look for a module first.
func Dial(bus int, o Options) (*Conn, error) {
	if o.ReceiveBuffer == 0 {
		o.ReceiveBuffer = connBuffer
	}
	s, port, err := dialSocket(bus, o)
	if err != nil {
		return nil, err
	}
	c := newConn(bus, s, o)
	c.port = port
	return c, nil
}

// dialSocket opens a socket, sets its options, and gives its port ID.
func dialSocket(bus int, o Options) (s *socket, port uint32, err error) {
	nc, err := dialNetlink(bus, o)
	if err != nil {
		return nil, 0, dialError(bus, err)
	}
	defer nc.Close()
	if err = configure(nc, o.ReceiveBuffer); err == nil {
		s, err = newSocket(nc)
	}
	if err != nil {
		return nil, 0, dialError(bus, err)
	}
	if port, err = s.portID(); err != nil {
		return nil, 0, errors.Join(dialError(bus, err), s.close())
	}
	return s, port, nil
}

// newConn puts a Conn on a transport.
func newConn(bus int, t transport, o Options) *Conn {
	if o.Trace != nil {
		t = &tracer{t, o.Trace}
	}
	c := &Conn{bus: bus, warn: o.Warn, t: t, seq: rand.Uint32(), turn: make(chan struct{}, 1)}
	c.in = reader{t: t, n: &c.n}
	return c
}

// dialNetlink opens the socket in the namespace that o names; the library
// enters it on a thread of its own and restores or abandons that thread.
func dialNetlink(bus int, o Options) (*netlink.Conn, error) {
	if o.NetNS == "" {
		return netlink.Dial(bus, nil)
	}
	ns, err := openNamespace(o.NetNS)
	if err != nil {
		return nil, err
	}
	defer ns.Close()
	return netlink.Dial(bus, &netlink.Config{NetNS: int(ns.Fd())})
}

// configure sets the socket's options. A kernel that is too old for one gives
// errors with fewer words, or dumps with more in them, and no failure.
func configure(nc *netlink.Conn, size int) error {
	for _, o := range []netlink.ConnOption{
		netlink.ExtendedAcknowledge, netlink.CapAcknowledge, netlink.GetStrictCheck,
	} {
		if err := nc.SetOption(o, true); err != nil && !errors.Is(err, unix.ENOPROTOOPT) {
			return err
		}
	}
	return nc.SetReadBuffer(size)
}

// dialError gives err the name of the bus, and where the kernel lacks it the
// type that says so.
func dialError(bus int, err error) error {
	b := busOf(bus)
	var errno unix.Errno
	if errors.As(err, &errno) && lacks(errno) {
		return &UnsupportedError{Bus: b, Errno: errno}
	}
	return fmt.Errorf("%v: %w", b, err)
}

// Bus gives the number of the bus.
func (c *Conn) Bus() int { return c.bus }

// PortID gives the socket's own port ID. A notification with it was caused by
// a request on this Conn.
func (c *Conn) PortID() uint32 { return c.port }

// QueueSize gives the size of the receive queue that Options.ReceiveBuffer
// led to, in bytes of the kernel's accounting: twice what was asked for where
// the kernel agreed. A route event takes 832 of them.
func (c *Conn) QueueSize() (size int, err error) {
	err = c.t.control(func(fd int) error {
		n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		size = n
		return os.NewSyscallError("getsockopt SO_RCVBUF", err)
	})
	return size, err
}

// Stats gives the counters. It does not wait for a call in progress.
func (c *Conn) Stats() Stats { return c.n.snapshot() }

// Close closes the socket. A call that waits ends with an error that
// errors.Is os.ErrClosed, and so does every later call, a second Close too.
func (c *Conn) Close() error { return c.t.close() }

// begin waits for the turn, arranges that ctx interrupts the reads, and takes
// what an abandoned dump left in the way. If it gives no error, end must be
// called.
func (c *Conn) begin(ctx until.Context) (end func(), err error) {
	if err := c.take(ctx); err != nil {
		return nil, err
	}
	release := c.watch(ctx)
	end = func() {
		release()
		<-c.turn
	}
	if err := c.finish(); err != nil {
		end()
		return nil, ended(ctx, err)
	}
	return end, nil
}

// take waits for the turn, which is given back by a read from it.
func (c *Conn) take(ctx until.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watch makes the end of ctx interrupt reads until release is called, after
// which the socket reads as before.
func (c *Conn) watch(ctx until.Context) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	stop, done := make(chan struct{}), make(chan bool, 1)
	go func() {
		select {
		case <-ctx.Done():
			c.t.interrupt()
			done <- true
		case <-stop:
			done <- false
		}
	}()
	return func() {
		close(stop)
		if <-done {
			c.t.resume()
		}
	}
}

// ended gives the reason of ctx for an interrupted read, and err for all else.
func ended(ctx until.Context, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// finish reads away the rest of an abandoned dump; until then the kernel
// refuses another (EBUSY). It never waits: the kernel refills the queue during
// each read until the dump is done.
func (c *Conn) finish() error {
	if c.unfinished == 0 {
		return nil
	}
	a := await{in: &c.in, first: c.unfinished, n: 1, lost: errAbandoned}
	for {
		m, err := a.next()
		switch {
		case err == nil && !ends(m):
			continue
		case err == nil || isLoss(err) || errors.Is(err, errAbandoned):
			c.unfinished = 0
			return nil
		default:
			return err
		}
	}
}

// errAbandoned stands for "nothing more of that dump is there".
var errAbandoned = errors.New("dump abandoned")

// ends tells whether m is the last message of a dump.
func ends(m Message) bool { return m.Type == unix.NLMSG_DONE || m.Type == unix.NLMSG_ERROR }

// next reserves n consecutive sequence numbers and gives the first. None of
// them is 0, which is the mark of notifications.
func (c *Conn) next(n int) uint32 {
	if c.seq > ^uint32(0)-uint32(n) {
		c.seq = 0
	}
	first := c.seq + 1
	c.seq += uint32(n)
	return first
}

// add appends r to the datagram being written.
func (c *Conn) add(r *Request, flags uint16, seq uint32) {
	const ours = unix.NLM_F_REQUEST | unix.NLM_F_ACK
	c.out = appendMessage(c.out, Message{Type: r.Type, Flags: r.Flags&^ours | flags, Seq: seq, Body: r.Body})
}

// flush sends the datagram being written.
func (c *Conn) flush() error {
	err := c.send(c.out)
	c.out = c.out[:0]
	return err
}

// send gives one datagram to the kernel.
func (c *Conn) send(b []byte) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	err := c.t.send(b)
	if errors.Is(err, unix.ECONNREFUSED) {
		return &UnsupportedError{Bus: busOf(c.bus), Errno: unix.ECONNREFUSED}
	}
	if err == nil {
		c.n.sends.Add(1)
	}
	return err
}
