package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

const iproute2 = "/opt/iproute2/ip"

// A space is a network namespace and a thread in it; both end with the program.
type space struct {
	work   chan func() error
	result chan error
	thread int // its ID, by which others name the namespace
}

func newSpace() (*space, error) {
	s := &space{work: make(chan func() error), result: make(chan error)}
	go func() {
		runtime.LockOSThread()
		for f := range s.work {
			s.result <- f()
		}
	}()
	return s, s.do(func() error {
		s.thread = unix.Gettid()
		return unix.Unshare(unix.CLONE_NEWNET)
	})
}

// do runs f on the space's thread.
func (s *space) do(f func() error) error {
	s.work <- f
	return <-s.result
}

// ip runs a batch of commands in the space, where nothing has IPv6 to speak of
// its own accord by.
func (s *space) ip(commands string) error {
	return s.do(func() error {
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0); err != nil {
			return err
		}
		c := exec.Command(iproute2, "-batch", "-")
		c.Stdin = strings.NewReader(commands)
		if text, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("ip: %w: %s", err, text)
		}
		return nil
	})
}

// Addresses of the two ends; packet.go has the IPv4 ones once more.
const (
	nearMAC = "02:00:00:00:00:01"
	farMAC  = "02:00:00:00:00:02"
)

// newPair makes two spaces that a veth pair joins: links near and far. They
// know each other's MAC address, so there is no ARP.
func newPair() (near, far *space, err error) {
	if far, err = newSpace(); err != nil {
		return nil, nil, err
	}
	if near, err = newSpace(); err != nil {
		return nil, nil, err
	}
	if err := far.ip("link set lo up"); err != nil { // for its IPv6 switch, before the link comes
		return nil, nil, err
	}
	err = near.ip(fmt.Sprintf(`link add near address %s type veth peer name far address %s netns %d
link set near up
address add 192.0.2.1/24 dev near
neighbour add 192.0.2.2 lladdr %[2]s dev near nud permanent
`, nearMAC, farMAC, far.thread))
	if err != nil {
		return nil, nil, err
	}
	return near, far, far.ip(`link set far up
address add 192.0.2.2/24 dev far
neighbour add 192.0.2.1 lladdr ` + nearMAC + ` dev far nud permanent
`)
}
