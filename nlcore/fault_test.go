package nlcore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Each system call on a real socket fails once, in turn, and then always, with
// each errno that it may: every answer is right or a clear error, and nothing
// hangs. See internal/faulty for what is done meanwhile.
func TestSystemCallsFail(t *testing.T) {
	needKernel(t)
	program := filepath.Join(t.TempDir(), "faulty")
	if out, err := exec.Command("go", "build", "-o", program, "./internal/faulty").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var faults []string
	for call, least := range map[string]int{"recvmsg": 9, "sendto": 8, "recvmmsg": 1} {
		n := countInjectable(t, program, call)
		if n < least {
			t.Fatalf("%d calls of %s: the program does too little", n, call)
		}
		for _, errno := range []string{"ENOBUFS", "EINTR", "EAGAIN", "ENOMEM"} {
			for k := range n {
				faults = append(faults, fmt.Sprintf("%s:error=%s:when=%d", call, errno, k+1))
			}
			faults = append(faults, fmt.Sprintf("%s:error=%s:when=1+", call, errno))
		}
	}
	inParallel(4, faults, func(fault string) {
		if out, err := faulty(t, program, fault); err != nil {
			t.Errorf("strace -e inject=%s: %v\n%s", fault, err, out)
		}
	})
	t.Logf("%d faults", len(faults))
}

// inParallel does all, some at a time.
func inParallel(workers int, all []string, do func(string)) {
	next := make(chan string)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for s := range next {
				do(s)
			}
		})
	}
	for _, s := range all {
		next <- s
	}
	close(next)
	done.Wait()
}

// countInjectable counts the calls of the program when nothing fails.
func countInjectable(t *testing.T, program, call string) int {
	t.Helper()
	log := filepath.Join(t.TempDir(), call)
	out, err := traced(t, program, "0", "-o", log, "-e", "trace="+call)
	if err != nil {
		t.Fatalf("without a fault: %v\n%s", err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), call+"(")
}

// faulty runs the program with one fault.
func faulty(t *testing.T, program, fault string) (string, error) {
	_, name, _ := strings.Cut(fault, "error=")
	name, _, _ = strings.Cut(name, ":")
	call, _, _ := strings.Cut(fault, ":")
	errno := map[string]unix.Errno{"ENOBUFS": unix.ENOBUFS, "EINTR": unix.EINTR, "EAGAIN": unix.EAGAIN, "ENOMEM": unix.ENOMEM}[name]
	return traced(t, program, fmt.Sprint(int(errno)), "-o", "/dev/null", "-e", "trace="+call, "-e", "inject="+fault)
}

// traced runs the program in a namespace of its own under strace.
func traced(t *testing.T, program, arg string, options ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	args := append([]string{"--net", "strace", "-f", "--seccomp-bpf", "-qq"}, options...)
	cmd := exec.CommandContext(ctx, "unshare", append(args, program, arg)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	out, err := cmd.CombinedOutput()
	if _, missing := exec.LookPath("strace"); errors.Is(missing, exec.ErrNotFound) {
		t.Error("strace is not installed (package strace)")
	}
	return string(out), err
}

// A deaf transport loses whatever comes.
type deaf struct{ transport }

func (deaf) receive([]byte, bool) (datagram, error) { return datagram{}, unix.ENOBUFS }

// Losses without end are an error, not a wait.
func TestLossesForEver(t *testing.T) {
	_, f := newFake(func([]Message) []step { return nil })
	c := newConn(unix.NETLINK_ROUTE, deaf{f}, Options{})
	for name, err := range map[string]error{
		"do":      c.Do(soon(t), upLink("br0")),
		"batch":   c.Batch(soon(t), []Request{upLink("br0"), upLink("br1")}),
		"collect": c.Collect(soon(t), listLinks(), func(Message) error { return nil }, func() {}),
		"next":    second((&Subscription{c: c}).Next(soon(t))),
	} {
		if !errors.Is(err, unix.ENOBUFS) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// EAGAIN is believed when poll(2) agrees, EINTR never; but not for ever.
func TestAttempt(t *testing.T) {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	try := func(wait bool, errs ...error) (done bool, err error) {
		var r reading
		r.init(func(int) error {
			err := errs[0]
			if len(errs) > 1 {
				errs = errs[1:]
			}
			return err
		})
		r.wait = wait
		done = r.attempt(uintptr(pipe[0]))
		return done, r.err
	}
	if done, _ := try(true, unix.EINTR, unix.EAGAIN); done {
		t.Error("no wait although nothing is there")
	}
	if done, err := try(false, unix.EINTR, unix.EAGAIN); !done || err != unix.EAGAIN {
		t.Error("not to wait:", done, err)
	}
	if _, err := unix.Write(pipe[1], []byte{1}); err != nil {
		t.Fatal(err)
	}
	if done, err := try(true, unix.EAGAIN, unix.EINTR, unix.EAGAIN, nil); !done || err != nil {
		t.Error("something is there:", done, err)
	}
	for _, errno := range []error{unix.EAGAIN, unix.EINTR, unix.ENOMEM} {
		if done, err := try(true, errno); !done || err != errno {
			t.Errorf("%v for ever: %v, %v", errno, done, err)
		}
	}
}
