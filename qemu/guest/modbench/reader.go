package main

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A reader counts the messages of a type that a netlink socket gets. Any other
// message is a failure: it tells of a loss, or of something not foreseen.
type reader struct {
	fd    int
	typ   uint16
	count atomic.Int64
	fail  atomic.Pointer[error]
}

// start makes the receive buffer large and reads from now on.
func (r *reader) start() error {
	if err := unix.SetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20); err != nil {
		return err
	}
	go func() {
		runtime.LockOSThread()
		err := r.read(make([]byte, 1<<16))
		r.fail.Store(&err)
	}()
	return nil
}

// read ends with an error.
func (r *reader) read(buf []byte) error {
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(r.fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return fmt.Errorf("read: %w", errno)
		}
		messages, err := r.messages(buf[:n])
		if err != nil {
			return err
		}
		r.count.Add(messages)
	}
}

// messages counts those of a datagram.
func (r *reader) messages(b []byte) (n int64, err error) {
	for len(b) >= unix.NLMSG_HDRLEN {
		length, typ := int(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint16(b[4:])
		if typ != r.typ || length <= unix.NLMSG_HDRLEN || length > len(b) {
			return n, fmt.Errorf("a message of type %#x and %d bytes; want type %#x", typ, length, r.typ)
		}
		n++
		b = b[min(len(b), (length+3)&^3):]
	}
	return n, nil
}
