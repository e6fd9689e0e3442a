package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A sample is one process, timed.
type sample struct {
	tool, op string
	n, round int
	cpu      time.Duration // user and system
	wall     time.Duration // from fork to wait
	rss      int64         // peak, KiB
}

// results are all samples.
type results struct{ list []sample }

// setup is what the routes need.
const setup = `link set lo up
link add v0 type veth peer name v1
link set v1 up
link set v0 up
address add 192.0.2.1/24 dev v0
address add 2001:db8::1/64 dev v0 nodad
`

// inFreshNamespace runs f on a thread in a new network namespace; both end
// with it.
func inFreshNamespace(setup string, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			result <- fmt.Errorf("a new network namespace: %w (run as root)", err)
			return
		}
		ip := exec.Command("ip", "-batch", "-")
		ip.Stdin = strings.NewReader(setup)
		if text, err := ip.CombinedOutput(); err != nil {
			result <- fmt.Errorf("%w: %s", err, text)
			return
		}
		result <- f()
	}()
	return <-result
}

// round times every tool once.
func (r *results) round(tools []tool, dir string, n, round int) error {
	for _, t := range tools {
		if t.most > 0 && n > t.most {
			continue
		}
		err := inFreshNamespace(setup, func() error {
			for _, op := range ops {
				args := t.args[op]
				if args == nil {
					continue
				}
				s, err := timed(dir, args(n))
				if err != nil {
					return fmt.Errorf("%s %s %d: %w", t.name, op, n, err)
				}
				s.tool, s.op, s.n, s.round = t.name, op, n, round
				r.list = append(r.list, s)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// timed runs a command and gives what the kernel says it used.
func timed(dir string, args []string) (s sample, err error) {
	in, out, err := os.Pipe()
	if err != nil {
		return s, err
	}
	defer in.Close()
	var words strings.Builder
	c := exec.Command(filepath.Join(dir, "meter"), args...)
	c.Stderr, c.ExtraFiles = &words, []*os.File{out}
	err = c.Run()
	out.Close()
	if err != nil {
		return s, fmt.Errorf("%w: %s", err, words.String())
	}
	var cpu, wall int64
	_, err = fmt.Fscan(in, &cpu, &s.rss, &wall)
	s.cpu, s.wall = time.Duration(cpu)*time.Microsecond, time.Duration(wall)*time.Microsecond
	return s, err
}
