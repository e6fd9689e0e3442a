//go:build guest

package hellobye

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Without clients there is no hook, so nothing is seen.
func TestIdle(t *testing.T) {
	enter(t)
	loaded(t, "")
	p := newPinger(t)
	seen := func() int {
		p.ping(t, 1, 0)
		return stat(t, "hello", "seen")
	}
	if n := seen(); n != 0 {
		t.Errorf("%d packets seen without a client", n)
	}
	c := open(t, protoHello).register()
	if n := seen(); n != 2 {
		t.Errorf("%d packets seen; want request and reply", n)
	}
	c.close()
	if n := seen(); n != 2 {
		t.Errorf("%d packets seen after the client's end; want 2", n)
	}
	if n := stat(t, "bye", "seen"); n != 0 {
		t.Errorf("the other side saw %d", n)
	}
}

// A port ID's next owner inherits nothing, in either format.
func TestPortReuse(t *testing.T) {
	enter(t)
	loaded(t, "")
	p := newPinger(t)
	witness := func() *socket { return open(t, protoHello).register(filter(attr8(filterICMPType, 0))) }
	for _, register := range []func(*socket){func(s *socket) { s.greeted(greetingHello) }, func(s *socket) { s.register() }} {
		first, err := openPort(t, protoHello, 4242)
		if err != nil {
			t.Fatal(err)
		}
		register(first)
		first.close()
		next, err := openPort(t, protoHello, 4242)
		if err != nil {
			t.Fatal(err)
		}
		w := witness()
		p.ping(t, 1, 56)
		w.one(msgPacket)
		next.empty("it has not registered")
		next.close()
		w.close()
	}
	if n := stat(t, "hello", "clients"); n != 0 {
		t.Errorf("%d clients are left", n)
	}
}

// Clients that are killed while packets flow are forgotten.
func TestKilled(t *testing.T) {
	enter(t)
	loaded(t, "max_clients=64")
	stop := make(chan struct{})
	flooded := flood(t, stop)
	for range 10 {
		var programs []*exec.Cmd
		for _, proto := range []string{"19", "21", "19"} {
			c := exec.Command("/bbin/legacy_client", proto)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			programs = append(programs, c)
		}
		until(t, "the programs to be clients", func() bool { return stat(t, "hello", "clients") == 2 && stat(t, "bye", "clients") == 1 })
		for _, c := range programs {
			c.Process.Kill()
		}
		for _, c := range programs {
			c.Wait()
		}
		if a, b := stat(t, "hello", "clients"), stat(t, "bye", "clients"); a != 0 || b != 0 {
			t.Errorf("%d and %d clients outlive their programs", a, b)
		}
	}
	close(stop)
	<-flooded
}

// Clients come and go, and leave nothing: some alone, with the hooks, which
// takes the kernel a while each time, and many beside one that stays.
func TestComeAndGo(t *testing.T) {
	alone, cycles := *visits/20, *visits
	enter(t)
	loaded(t, "max_clients=2")
	for i := range cycles {
		if i == alone {
			open(t, protoHello).register()
		}
		c := open(t, protoHello)
		if i%2 == 0 {
			c.greeted(greetingHello)
		} else {
			c.register(name("passing by"))
		}
		c.close()
	}
	if n := stat(t, "hello", "clients"); n != 1 {
		t.Errorf("%d clients are left; want 1", n)
	}
}

// Under a flood too greeting and ack come before the first packet.
func TestComeInFlood(t *testing.T) {
	const cycles = 100
	enter(t)
	loaded(t, "")
	stop := make(chan struct{})
	flooded := flood(t, stop)
	open(t, protoHello).register() // keeps the hook there
	for i := range cycles {
		c := open(t, protoHello).roomy()
		if i%2 == 0 {
			c.greeted(greetingHello)
		} else {
			c.register()
		}
		c.close()
	}
	close(stop)
	<-flooded
	if n := stat(t, "hello", "clients"); n != 1 {
		t.Errorf("%d clients are left; want 1", n)
	}
}

// The module comes and goes under a flood, with clients of both formats that
// are served, while namespaces are made and destroyed with clients in them.
func TestReload(t *testing.T) {
	enter(t)
	stop := make(chan struct{})
	flooded := flood(t, stop)
	spaces := 0
	around := apart(func() {
		for ; ; spaces++ {
			select {
			case <-stop:
				return
			default:
				<-apart(func() { oneSpace(t) })
			}
		}
	})
	for i := range *reloads {
		if err := load("hellobye", "queue_len=8"); err != nil {
			t.Fatalf("load %d: %v", i, err)
		}
		text, modern := open(t, protoBye).roomy(), open(t, protoHello).roomy()
		text.greeted(greetingBye)
		modern.register()
		text.text()
		modern.receive()
		text.close()
		modern.close()
		if err := unload(); err != nil {
			t.Fatalf("unload %d: %v", i, err)
		}
	}
	close(stop)
	<-flooded
	<-around
	t.Logf("%d namespaces came and went", spaces)
	if spaces == 0 {
		t.Error("no namespace came and went")
	}
	if left := threads(); len(left) > 0 {
		t.Errorf("threads are left: %v", left)
	}
}

// oneSpace makes a namespace, registers there if the module happens to be
// loaded, and leaves packets and the namespace to their end.
func oneSpace(t *testing.T) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Errorf("new network namespace: %v", err)
		return
	}
	raise(t, "lo")
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protoBye)
	if err == nil {
		defer unix.Close(fd)
		unix.Sendto(fd, header(16, 0, 0, 0, nil), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	}
	icmp, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	if err != nil {
		t.Error(err)
		return
	}
	defer unix.Close(icmp)
	for range 20 {
		unix.Sendto(icmp, echo(8, 1, 100), 0, loopback)
	}
}

// A flood neither stalls the machine nor eats its memory: the queue is bounded,
// and so is what waits for a client that does not read.
func TestFlood(t *testing.T) {
	enter(t)
	loaded(t, "")
	idle := open(t, protoHello).register()
	stop := make(chan struct{})
	before := slabMemory(t)
	flooded := flood(t, stop)
	began := time.Now()
	until(t, "the flood to be seen", func() bool { return stat(t, "hello", "seen") > *packets })
	queued, grown := stat(t, "hello", "queued"), slabMemory(t)-before
	close(stop)
	<-flooded
	t.Logf("%d packets in %v, %d waiting, %d KiB of kernel memory more", *packets, time.Since(began), queued, grown)
	if queued > 256+2 || grown > 8<<10 {
		t.Errorf("%d packets waiting, %d KiB more of kernel memory; want at most 256 and some hundred", queued, grown)
	}
	idle.close()
}

// slabMemory is the kernel's memory for objects, in KiB.
func slabMemory(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var n int
		if _, err := fmt.Sscanf(line, "Slab: %d kB", &n); err == nil {
			return n
		}
	}
	t.Fatalf("no slab in\n%s", text)
	return 0
}
