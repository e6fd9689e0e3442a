package rtcfg

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"

	"golang.org/x/sys/unix"
)

// pidFile holds the process of `bootlink run`, which has it locked.
const pidFile = "bootlink.pid"

// onlyOne makes this process the only one that looks after a namespace, until
// release is called. The error is a [*RunningError] where there is another.
func onlyOne(dir string) (release func(), err error) {
	if err := sysfile.MakeFolder(dir); err != nil {
		return nil, runDirError(err)
	}
	f, err := os.OpenFile(sysfile.Join(dir, pidFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, runDirError(err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		text, _ := sysfile.Read(f.Name())
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &RunningError{PID: strings.TrimSpace(string(text))}
		}
		return nil, err
	}
	err = unix.Ftruncate(int(f.Fd()), 0)
	if err == nil {
		_, err = f.WriteString(strconv.Itoa(unix.Getpid()) + "\n")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		_ = unix.Ftruncate(int(f.Fd()), 0) // not removed: who has opened it meanwhile locks this one
		f.Close()
	}, nil
}
