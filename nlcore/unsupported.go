package nlcore

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// An UnsupportedError is a bus that the kernel does not have, or that nothing
// of the kernel listens on in this network namespace (ECONNREFUSED). It
// unwraps to the errno.
type UnsupportedError struct {
	Bus   Bus
	Errno unix.Errno
}

// Error gives bus, errno, what is missing and what to do about it.
func (e *UnsupportedError) Error() string {
	text := fmt.Sprintf("%v: %v", e.Bus, e.Errno)
	reason, mend := explain(e.Bus, e.Errno)
	if reason != "" {
		text += ": " + reason
	}
	if mend != "" {
		text += ": " + mend
	}
	return text
}

// Unwrap gives the errno.
func (e *UnsupportedError) Unwrap() error { return e.Errno }

// lacks tells which errnos of socket(2) mean that the kernel has no such bus.
func lacks(errno unix.Errno) bool {
	return errno == unix.EPROTONOSUPPORT || errno == unix.EAFNOSUPPORT || errno == unix.ENOSYS
}

// explain says what an errno of socket(2) or sendto(2) means for a bus, and
// what mends it; both are "" where the errno says all. The meanings are those
// of netlink_create and __sock_create in Linux 6.1.
func explain(b Bus, errno unix.Errno) (reason, mend string) {
	if errno == unix.EPROTONOSUPPORT {
		return missing(b)
	}
	w := errnoWords[errno]
	return w[0], w[1]
}

var errnoWords = map[unix.Errno][2]string{
	unix.EAFNOSUPPORT: {
		"a filter hides netlink, which every kernel with networking has",
		"see RestrictAddressFamilies= of the service, or the seccomp filter",
	},
	unix.ENOSYS: {
		"this kernel has no CONFIG_NET",
		"enable it in the kernel's configuration",
	},
	unix.EPERM:  {"a seccomp filter or a security module refuses the socket", "allow it there"},
	unix.EACCES: {"a security module refuses the socket", "allow it there"},
	unix.ECONNREFUSED: {
		"nothing in the kernel listens on it in this network namespace",
		"use it in the initial network namespace, or load its module",
	},
}

// missing is explain for a bus that nothing has registered.
func missing(b Bus) (reason, mend string) {
	const enable = "enable it in the kernel's configuration"
	switch {
	case b.Kconfig == "":
		reason = "nothing in this kernel registers it"
	case b.Kconfig == "CONFIG_NET": // without it there would be no AF_NETLINK
		reason = "every Linux with netlink has it, so this is an imitation (qemu user mode, gVisor)"
		mend = "run on the kernel itself"
	case b.Module == "":
		reason, mend = "this kernel has no "+b.Kconfig, enable
	default:
		reason = fmt.Sprintf("this kernel has no %s (module %s)", b.Kconfig, b.Module)
		mend = enable + ", or install and load the module"
	}
	if b.Mend != "" {
		mend = b.Mend
	}
	return reason, mend
}
