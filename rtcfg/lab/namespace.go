package lab

import (
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
	run(t, "ip", "netns", "add", ns.Name)
	t.Cleanup(func() { run(t, "ip", "netns", "del", ns.Name) })
	return ns
}

// IP runs ip -n NAME and gives its output; a failure ends the test.
func (ns *Namespace) IP(args ...string) string {
	ns.t.Helper()
	return run(ns.t, "ip", append([]string{"-n", ns.Name}, args...)...)
}

// Exec runs a program in the namespace and gives its output.
func (ns *Namespace) Exec(args ...string) string {
	ns.t.Helper()
	return run(ns.t, "ip", append([]string{"netns", "exec", ns.Name}, args...)...)
}

// Batch runs many commands of ip at once.
func (ns *Namespace) Batch(lines string) error {
	cmd := exec.Command("ip", "-n", ns.Name, "-batch", "-")
	cmd.Stdin = strings.NewReader(lines)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", cmd.Args, err, out)
	}
	return nil
}

// Bridge runs bridge -n NAME.
func (ns *Namespace) Bridge(args ...string) string {
	ns.t.Helper()
	return run(ns.t, "bridge", append([]string{"-n", ns.Name}, args...)...)
}

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
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		result <- enter(ns.Name, f)
	}()
	if err := <-result; err != nil {
		ns.t.Fatalf("in namespace %s: %v", ns.Name, err)
	}
}

func enter(name string, f func() error) error {
	file, err := os.Open("/run/netns/" + name)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return err
	}
	return f()
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	var problems strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, problems.String())
	}
	return string(out)
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

// Try runs ip -n NAME and gives what it says, whether it fails or not.
func (ns *Namespace) Try(args ...string) (string, error) {
	out, err := exec.Command("ip", append([]string{"-n", ns.Name}, args...)...).CombinedOutput()
	return string(out), err
}
