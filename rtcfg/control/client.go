package control

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ErrNobody: no daemon listens.
var ErrNobody = errors.New("bootlink run is not there")

// Ask sends a request and copies the answer to w until it ends. It gives up when
// nothing comes for as long as limit; 0 waits for ever. The error is [ErrNobody]
// where there is no daemon, or what the daemon says after "error: ".
func Ask(path, request string, limit time.Duration, w io.Writer) error {
	f, err := open(path, func(fd int, sa unix.Sockaddr) error { return unix.Connect(fd, sa) })
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.EAFNOSUPPORT) {
		return ErrNobody
	}
	if err != nil {
		return fmt.Errorf("control socket %s: %w", path, err)
	}
	defer f.Close()
	if _, err := f.WriteString(request + "\n"); err != nil {
		return err
	}
	for buf := make([]byte, 4096); ; {
		if limit > 0 {
			_ = f.SetReadDeadline(time.Now().Add(limit))
		}
		n, err := f.Read(buf)
		if n == 0 || err != nil {
			if errors.Is(err, io.EOF) || err == nil || errors.Is(err, unix.ECONNRESET) {
				return nil
			}
			return err
		}
		if words, failed := strings.CutPrefix(string(buf[:n]), "error: "); failed {
			return errors.New(strings.TrimSpace(words))
		}
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
	}
}
