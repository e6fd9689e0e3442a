package nlcore

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A receiver reads datagrams with a message header that is made once. The call
// never waits (MSG_DONTWAIT) and takes 70 microseconds for a full datagram, so
// the runtime is not told of it: it would take the call for a blocking one, and
// give the processor away and back each time.
type receiver struct {
	msg  unix.Msghdr
	iov  unix.Iovec
	from unix.RawSockaddrNetlink
}

// receive reads one datagram into b and gives its full length, which may be
// more than that of b.
func (r *receiver) receive(fd int, b []byte) (full int, port uint32, err error) {
	r.iov.Base = unsafe.SliceData(b)
	r.iov.SetLen(len(b))
	r.from = unix.RawSockaddrNetlink{}
	r.msg = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&r.from)), Namelen: unix.SizeofSockaddrNetlink, Iov: &r.iov}
	r.msg.SetIovlen(1)
	n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.msg)), unix.MSG_DONTWAIT|unix.MSG_TRUNC)
	if errno != 0 {
		return 0, 0, errno
	}
	port = noPort
	if r.from.Family == unix.AF_NETLINK {
		port = r.from.Pid
	}
	return int(n), port, nil
}
