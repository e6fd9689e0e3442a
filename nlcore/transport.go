package nlcore

import (
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// A datagram is what one read gave.
type datagram struct {
	b    []byte // the part that fits the buffer
	full int    // length in bytes as it was sent; more than len(b): cut off
	from uint32 // the sender's port ID, as the kernel says

	// Only a burst asks the kernel for these.
	group uint32 // multicast group that it came by; 0: none, or not told
	nsid  int32  // namespace that it came from; ownNSID: the socket's
}

// A transport carries datagrams to and from the kernel. Tests put a fake in
// the place of the socket. One goroutine may send while another receives.
type transport interface {
	// send gives b to the kernel as one datagram; b is not kept.
	send(b []byte) error
	// receive reads one datagram into b. Without wait it gives EAGAIN when there
	// is none. ENOBUFS says that earlier ones were lost.
	receive(b []byte, wait bool) (datagram, error)
	// interrupt ends a waiting receive, and those to come, with
	// os.ErrDeadlineExceeded, until resume.
	interrupt()
	resume()
	// control calls f with the descriptor, if there is one.
	control(f func(fd int) error) error
	close() error
}

// A socket is the transport of real life. The closures are made once so that
// a read does not allocate them.
type socket struct {
	file   *os.File
	raw    syscall.RawConn
	closed atomic.Bool
	r      reading
	w      writing
}

// reading holds the arguments and the result of the receive in progress.
type reading struct {
	try  func(fd uintptr) bool
	once func(fd int) error // one system call; EAGAIN when there is nothing
	in   receiver
	b    []byte
	wait bool
	d    datagram
	err  error
}

func (r *reading) init(once func(fd int) error) { r.once, r.try = once, r.attempt }

// patience is how often a system call is tried that gives EINTR, or EAGAIN
// although poll(2) says that it would not.
const patience = 16

// attempt reads; false makes the runtime wait until there is something. The
// runtime only wakes at the arrival of a datagram, so that one which is there
// already must not be waited for.
func (r *reading) attempt(fd uintptr) bool {
	for range patience {
		r.err = r.once(int(fd))
		switch {
		case r.err == unix.EINTR:
		case r.err != unix.EAGAIN || !r.wait:
			return true
		case !readable(int(fd)):
			return false
		}
	}
	return true
}

// readable tells whether a read would give something, an error included.
func readable(fd int) bool {
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	return n > 0 || err != nil
}

// writing holds the arguments and the result of the send in progress.
type writing struct {
	try func(fd uintptr) bool
	b   []byte
	to  unix.SockaddrNetlink
	err error
}

// newSocket takes a socket that the library opened; conn may be closed then. The
// library's way to end a read names a time in an interface, for which the linker
// keeps all that can print one (28 KB).
func newSocket(conn *netlink.Conn) (*socket, error) {
	lent, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{}
	cerr := lent.Control(func(fd uintptr) {
		var own int
		if own, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			s.file = os.NewFile(uintptr(own), "netlink")
		}
	})
	if err = errors.Join(cerr, err); err != nil {
		return nil, err
	}
	if s.raw, err = s.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	s.r.init(s.r.recvmsg)
	s.w.try = s.w.attempt
	s.w.to.Family = unix.AF_NETLINK
	return s, nil
}

func (s *socket) receive(b []byte, wait bool) (datagram, error) {
	s.r.b, s.r.wait = b, wait
	if err := s.raw.Read(s.r.try); err != nil {
		return datagram{}, s.gone(err)
	}
	return s.r.d, s.r.err
}

// recvmsg reads one datagram.
func (r *reading) recvmsg(fd int) error {
	n, from, err := r.in.receive(fd, r.b)
	if err == nil {
		r.d = datagram{b: r.b[:min(n, len(r.b))], full: n, from: from, nsid: ownNSID}
	}
	return err
}

// noPort stands for a sender that is no netlink socket. The kernel gives such
// port IDs to no one but a process that asks for it.
const noPort = ^uint32(0)

func portOf(from unix.Sockaddr) uint32 {
	if nl, ok := from.(*unix.SockaddrNetlink); ok {
		return nl.Pid
	}
	return noPort
}

func (s *socket) send(b []byte) error {
	s.w.b = b
	if err := s.raw.Write(s.w.try); err != nil {
		return s.gone(err)
	}
	return s.w.err
}

// attempt sends. It never makes the runtime wait: the kernel takes a datagram
// for itself at once, or refuses it.
func (w *writing) attempt(fd uintptr) bool {
	for range patience {
		w.err = unix.Sendto(int(fd), w.b, unix.MSG_DONTWAIT, &w.to)
		if w.err != unix.EINTR && w.err != unix.EAGAIN {
			break
		}
	}
	return true
}

// gone gives os.ErrClosed for the runtime's own word for a closed socket.
func (s *socket) gone(err error) error {
	if s.closed.Load() {
		return os.ErrClosed
	}
	return err
}

func (s *socket) interrupt() { s.deadline(time.Unix(1, 0)) }
func (s *socket) resume()    { s.deadline(time.Time{}) }

func (s *socket) close() error {
	if s.closed.Swap(true) {
		return os.ErrClosed
	}
	return s.file.Close()
}

func (s *socket) control(f func(fd int) error) (err error) {
	if cerr := s.raw.Control(func(fd uintptr) { err = f(int(fd)) }); cerr != nil {
		return s.gone(cerr)
	}
	return err
}

// deadline touches reads only, so that raw sends of another goroutine go on.
// It can only fail on a closed socket, where nothing waits any more.
func (s *socket) deadline(t time.Time) { _ = s.file.SetReadDeadline(t) }

// portID asks the kernel for the port ID that it gave the socket.
func (s *socket) portID() (port uint32, err error) {
	err = s.control(func(fd int) error {
		from, err := unix.Getsockname(fd)
		port = portOf(from)
		return os.NewSyscallError("getsockname", err)
	})
	return port, err
}
