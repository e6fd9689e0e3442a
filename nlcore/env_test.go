package nlcore

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// needKernel skips a test of the real kernel under -short: in qemu's user mode
// there is none, only an imitation with the buses 0, 9 and 15.
func needKernel(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no test of the real kernel")
	}
}

// newNamespace makes a network namespace and gives a path to it, good for as
// long as the test runs. The thread that made it goes home.
func newNamespace(t testing.TB) string {
	t.Helper()
	needKernel(t)
	if os.Getuid() != 0 {
		t.Fatal("needs root: the tests of the real kernel run in network namespaces of their own")
	}
	made := make(chan *os.File, 1)
	go func() {
		runtime.LockOSThread()
		defer close(made)
		home, err := os.Open("/proc/thread-self/ns/net")
		if err != nil {
			return
		}
		defer home.Close()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return
		}
		ns, err := os.Open("/proc/thread-self/ns/net")
		if err == nil {
			made <- ns
		}
		if setns(home) == nil {
			runtime.UnlockOSThread()
		}
	}()
	ns, ok := <-made
	if !ok {
		t.Fatal("no new network namespace to be had")
	}
	t.Cleanup(func() { ns.Close() })
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), ns.Fd())
}

// iproute runs ip(8) in a namespace and gives its output.
func iproute(t *testing.T, ns string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("nsenter", append([]string{"--net=" + ns, "ip"}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ip %v: %v\n%s", args, err, out)
	}
	return out
}

// ipJSON runs ip -j and decodes what it prints into v.
func ipJSON(t *testing.T, v any, ns string, args ...string) {
	t.Helper()
	out := iproute(t, ns, append([]string{"-j"}, args...)...)
	if len(out) == 0 {
		return
	}
	if err := json.Unmarshal(out, v); err != nil {
		t.Fatalf("ip -j %v: %v\n%s", args, err, out)
	}
}

// dial opens a bus in a namespace for the length of the test.
func dial(t testing.TB, bus int, o Options) *Conn {
	t.Helper()
	c, err := Dial(bus, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return c
}

// soon is a context that keeps a broken test from hanging.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}
