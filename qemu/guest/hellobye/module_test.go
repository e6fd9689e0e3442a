//go:build guest

package hellobye

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds every wait; a guest on a busy machine is slow.
const patience = time.Minute

var kernel kernelLog

// TestMain keeps the module out for its tests to load, and fails when the
// kernel complained during one of them.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(inUserNamespace) != "" {
		os.Exit(m.Run())
	}
	// Not as init started it: perhaps with other parameters.
	if err := unload(); err != nil && !errors.Is(err, unix.ENOENT) {
		fmt.Fprintln(os.Stderr, "unload hellobye:", err)
		os.Exit(1)
	}
	if err := kernel.open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if bad := kernel.complaints(); len(bad) > 0 {
		fmt.Fprintf(os.Stderr, "the kernel says:\n%s\n", strings.Join(bad, "\n"))
		code = 1
	}
	os.Exit(code)
}

// moduleFile finds a module below /lib/modules.
func moduleFile(name string) (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", err
	}
	root := filepath.Join("/lib/modules", unix.ByteSliceToString(u.Release[:]))
	for _, dir := range []string{"extra", "kernel/crypto"} {
		path := filepath.Join(root, dir, name+".ko")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no %s.ko below %s", name, root)
}

func load(name, parameters string) error {
	path, err := moduleFile(name)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), parameters, 0)
}

// unload waits for references that go a moment after their socket.
func unload() error {
	for end := time.Now().Add(patience); ; {
		err := unix.DeleteModule("hellobye", unix.O_NONBLOCK)
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EBUSY) || time.Now().After(end) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// loaded loads the module for a test and unloads it afterwards, which fails
// when something still holds it.
func loaded(t *testing.T, parameters string) {
	t.Helper()
	if err := load("hellobye", parameters); err != nil {
		t.Fatalf("load hellobye %s: %v", parameters, err)
	}
	t.Cleanup(func() {
		if err := unload(); err != nil {
			t.Errorf("unload hellobye: %v", err)
		}
		if left := threads(); len(left) > 0 {
			t.Errorf("threads are left: %v", left)
		}
	})
}

// threads gives the names of the module's kernel threads.
func threads() []string {
	var names []string
	files, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, file := range files {
		name, _ := os.ReadFile(file)
		if n := strings.TrimSpace(string(name)); n == "hello_server" || n == "bye_server" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// kernelSockets gives the netlink protocols that the kernel has taken.
func kernelSockets(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/thread-self/net/netlink")
	if err != nil {
		t.Fatal(err)
	}
	var protos []string
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 2 && f[2] == "0" {
			protos = append(protos, f[1])
		}
	}
	slices.Sort(protos)
	return strings.Join(protos, " ")
}

// stat reads a column of the line of a side in the module's file in /proc, in
// the namespace of the calling thread.
func stat(t *testing.T, side, column string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/thread-self/net/hellobye")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	i := slices.Index(strings.Fields(lines[0]), column)
	for _, line := range lines[1:] {
		if f := strings.Fields(line); i >= 0 && len(f) > i && f[0] == side {
			var n int
			if _, err := fmt.Sscan(f[i], &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s of %s in\n%s", column, side, text)
	return 0
}

// until polls a condition of the kernel's that cannot be waited for.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}
