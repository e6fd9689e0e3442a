//go:build guest

package hellobye

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// A kernelLog reads the kernel's log from where it was opened.
type kernelLog struct {
	fd   int
	bad  []string
	text strings.Builder // since the last cut
}

// open begins at what will be logged next.
func (l *kernelLog) open() error {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: "/dev/kmsg", Err: err}
	}
	l.fd = fd
	_, err = unix.Seek(fd, 0, unix.SEEK_END)
	return err
}

// alarms are what a healthy kernel does not say.
var alarms = []string{"BUG", "WARNING", "Oops", "Unable to handle", "scheduling while atomic", "overwritten", "Redzone", "Object padding",
	"blocked for more than", "stall", "Call trace", "unregister_netdevice", "refcount_t", "possible circular locking", "inconsistent lock state",
	"suspicious RCU", "unreferenced object", "KASAN", "UBSAN", "page allocation failure", "Out of memory"}

// read takes what has been logged meanwhile.
func (l *kernelLog) read() {
	record := make([]byte, 8192)
	for {
		n, err := unix.Read(l.fd, record)
		if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.EINTR) {
			continue // EPIPE: older records were overwritten
		}
		if err != nil {
			return
		}
		l.line(string(record[:n]))
	}
}

func (l *kernelLog) line(record string) {
	_, text, _ := strings.Cut(record, ";")
	text, _, _ = strings.Cut(text, "\n")
	text = strings.ReplaceAll(text, `\x5c`, `\`) // escaped by the file
	l.text.WriteString(text + "\n")
	for _, alarm := range alarms {
		if strings.Contains(text, alarm) && !strings.Contains(text, "KCSAN") { // any part's data races: the host sorts them
			l.bad = append(l.bad, text)
			return
		}
	}
}

// cut gives what has been logged since the last cut.
func (l *kernelLog) cut() string {
	l.read()
	text := l.text.String()
	l.text.Reset()
	return text
}

// complaints gives the alarming lines since the start.
func (l *kernelLog) complaints() []string {
	l.read()
	return l.bad
}
