package nlcore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Sockets in namespaces, dumps that are left, contexts that end: afterwards
// there are as many descriptors and goroutines as before, no thread is in
// another namespace, and none is parked in one for ever.
func TestNothingLeaks(t *testing.T) {
	ns := newNamespace(t)
	use(t, ns) // what the runtime opens once
	fds, goroutines, home := count(t, "fd"), runtime.NumGoroutine(), threadNamespaces(t)
	if len(home) != 1 {
		t.Fatalf("the threads are in %v before the test", home)
	}
	threads := count(t, "task")
	for range 50 {
		use(t, ns)
	}
	eventually(t, "descriptors", func() bool { return count(t, "fd") <= fds })
	eventually(t, "goroutines", func() bool { return runtime.NumGoroutine() <= goroutines })
	if after := threadNamespaces(t); !maps.Equal(after, home) {
		t.Errorf("threads are in %v, were in %v", after, home)
	}
	// The runtime may start a few threads of its own; a thread lost at each
	// visit would make 100.
	if n := count(t, "task"); n > threads+10 {
		t.Errorf("%d threads became %d", threads, n)
	}
}

// use does what could leak.
func use(t *testing.T, ns string) {
	t.Helper()
	c, err := Dial(unix.NETLINK_ROUTE, Options{NetNS: ns})
	if err != nil {
		t.Fatal(err)
	}
	for range c.Dump(context.Background(), listLinks()) {
		break
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := c.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Probe(ProbeOptions{NetNS: ns}); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(unix.NETLINK_UNUSED, Options{NetNS: ns}); err == nil {
		t.Fatal("bus 1 exists")
	}
	_, err = Subscribe(unix.NETLINK_ROUTE, []uint32{1 << 30}, Options{NetNS: ns})
	if !errors.Is(err, unix.EINVAL) {
		t.Fatal(err)
	}
}

// count counts the entries of a directory of /proc/self.
func count(t *testing.T, dir string) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/" + dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// threadNamespaces gives the network namespaces that threads are in.
func threadNamespaces(t *testing.T) map[string]bool {
	t.Helper()
	links, err := filepath.Glob("/proc/self/task/*/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, l := range links {
		if ns, err := os.Readlink(l); err == nil { // a thread may end
			all[ns] = true
		}
	}
	return all
}

// eventually waits for what garbage collection and ending goroutines bring.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); runtime.Gosched() {
		if time.Since(start) > 10*time.Second {
			t.Errorf("%s are left over", what)
			return
		}
	}
}

// A name below /run/netns, as ip-netns makes it.
func TestNamedNamespace(t *testing.T) {
	needKernel(t)
	name := fmt.Sprintf("nlcore-test-%d", os.Getpid())
	iproute(t, "/proc/self/ns/net", "netns", "add", name)
	t.Cleanup(func() { iproute(t, "/proc/self/ns/net", "netns", "delete", name) })
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: name})
	if err := c.Do(soon(t), newLink("br0", "bridge")); err != nil {
		t.Fatal(err)
	}
	var shown []ipLink
	ipJSON(t, &shown, "/run/netns/"+name, "link", "show")
	if !slices.ContainsFunc(shown, func(l ipLink) bool { return l.Name == "br0" }) {
		t.Errorf("no br0 among %+v", shown)
	}
}
