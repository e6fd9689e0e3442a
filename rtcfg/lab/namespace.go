package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace with a name below /run/netns.
type Namespace struct {
	Name string
	t    testing.TB
}

// folder is where ip(8) looks for namespaces.
const folder = "/run/netns/"

// count makes names differ within a process.
var count atomic.Int64

// New makes an empty namespace, with lo down, that lasts as long as the test.
// It ends the test where that is not permitted: there is nothing to skip to.
func New(t testing.TB) *Namespace {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("needs root: tests of the real kernel run in network namespaces of their own (go test -exec sudo)")
	}
	ns := &Namespace{Name: fmt.Sprintf("bl-%d-%d", os.Getpid(), count.Add(1)), t: t}
	if err := add(ns.Name); err != nil {
		t.Fatalf("add namespace %s: %v", ns.Name, err)
	}
	t.Cleanup(func() { ns.del() })
	return ns
}

// add makes a namespace as `ip netns add` does.
func add(name string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(folder+name, nil, 0o444); err != nil {
		return err
	}
	return aside(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		return unix.Mount("/proc/thread-self/ns/net", folder+name, "", unix.MS_BIND, "")
	})
}

func (ns *Namespace) del() {
	if err := errors.Join(unix.Unmount(folder+ns.Name, unix.MNT_DETACH), os.Remove(folder+ns.Name)); err != nil {
		ns.t.Errorf("remove namespace %s: %v", ns.Name, err)
	}
}

// IP runs ip in the namespace and gives its output; a failure ends the test.
func (ns *Namespace) IP(args ...string) string {
	ns.t.Helper()
	return ns.run("ip", args...)
}

// Exec runs a program in the namespace and gives its output.
func (ns *Namespace) Exec(program string, args ...string) string {
	ns.t.Helper()
	return ns.run(program, args...)
}

// Bridge runs bridge in the namespace.
func (ns *Namespace) Bridge(args ...string) string {
	ns.t.Helper()
	return ns.run("bridge", args...)
}

// Batch runs many commands of ip at once.
func (ns *Namespace) Batch(lines string) error {
	if out, err := ns.combined(lines, "-batch", "-"); err != nil {
		return fmt.Errorf("ip -batch: %w: %s", err, out)
	}
	return nil
}

// Try runs ip in the namespace and gives what it says, whether it fails or not.
func (ns *Namespace) Try(args ...string) (string, error) { return ns.combined("", args...) }

func (ns *Namespace) combined(input string, args ...string) (string, error) {
	var out strings.Builder
	cmd := exec.Command("ip", args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &out
	err := ns.start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	return out.String(), err
}

// run runs a program in the namespace. With the option -n, ip would make and
// forget a file system namespace as well, which takes as long as the rest.
func (ns *Namespace) run(program string, args ...string) string {
	ns.t.Helper()
	return run(ns.t, ns.start, program, args...)
}

// start starts a program in the namespace.
func (ns *Namespace) start(cmd *exec.Cmd) error { return ns.inside(cmd.Start) }

// Sysctl reads a file below /proc/sys, without its last newline.
func (ns *Namespace) Sysctl(path string) string {
	ns.t.Helper()
	var text []byte
	ns.Do(func() (err error) {
		text, err = os.ReadFile("/proc/sys/" + path)
		return err
	})
	return strings.TrimSpace(string(text))
}

// SetSysctl writes a file below /proc/sys.
func (ns *Namespace) SetSysctl(path, value string) {
	ns.t.Helper()
	ns.Do(func() error { return os.WriteFile("/proc/sys/"+path, []byte(value), 0) })
}

// Do calls f on a thread that is in the namespace; an error ends the test.
func (ns *Namespace) Do(f func() error) {
	ns.t.Helper()
	if err := ns.inside(f); err != nil {
		ns.t.Fatalf("in namespace %s: %v", ns.Name, err)
	}
}

func (ns *Namespace) inside(f func() error) error {
	return aside(func() error { return enter(ns.Name, f) })
}

// aside calls f on a thread that is used for nothing else.
func aside(f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		result <- f()
	}()
	return <-result
}

func enter(name string, f func() error) error {
	file, err := os.Open(folder + name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return err
	}
	return f()
}

func run(t testing.TB, start func(*exec.Cmd) error, program string, args ...string) string {
	t.Helper()
	var out, problems strings.Builder
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := start(cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		t.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, problems.String())
	}
	return out.String()
}

// Eventually waits until ok holds; after ten seconds it ends the test with
// what() as the reason.
func Eventually(t testing.TB, ok func() bool, what func() string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited 10 s in vain: %s", what())
		}
	}
}
