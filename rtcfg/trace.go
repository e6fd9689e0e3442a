package rtcfg

import (
	"fmt"

	"bootlink/nlcore/sysfile"

	"golang.org/x/sys/unix"
)

// traced gives an error the name of a file with the netlink messages that led to
// it. Of such files there is one.
func (r *runner) traced(what, other string, err error) error {
	if r.Ring == nil {
		return err
	}
	name := r.runDir() + "/trace-"
	_ = unix.Unlink(name + other)
	name += what
	if sysfile.Replace(name, r.Ring.File()) != nil {
		return err
	}
	return fmt.Errorf("%w; its netlink messages are in %s", err, name)
}
