package rtcfg

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// ready tells the supervisor that the network is configured: by the datagram of
// sd_notify(3) where NOTIFY_SOCKET names a socket, and by a newline on a descriptor
// as s6-supervise wants it (0: none).
func ready(descriptor int) error {
	if descriptor > 0 {
		f := os.NewFile(uintptr(descriptor), "readiness")
		if _, err := f.WriteString("\n"); err != nil {
			return fmt.Errorf("tell readiness on descriptor %d: %w", descriptor, err)
		}
		f.Close()
	}
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil
	}
	if rest, abstract := strings.CutPrefix(name, "@"); abstract {
		name = "\x00" + rest
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Sendto(fd, []byte("READY=1\n"), unix.MSG_NOSIGNAL, &unix.SockaddrUnix{Name: name}); err != nil {
		return fmt.Errorf("tell readiness to %s: %w", os.Getenv("NOTIFY_SOCKET"), err)
	}
	return nil
}
