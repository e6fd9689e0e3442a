//go:build guest

package hellobye

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// most is more than any of the operations allocates. A namespace allocates so
// often that every stride-th has to do.
const (
	most   = 10_000
	stride = 23
)

// willFail prepares the kernel for faults in allocations that may wait.
func willFail(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("/sys/kernel/debug/failslab/ignore-gfp-wait", []byte("N"), 0); err != nil {
		t.Fatalf("not a kernel that injects faults: %v", err)
	}
}

// TestLoadFaults has the first, second, third ... allocation of loading fail,
// until none is left that could.
func TestLoadFaults(t *testing.T) {
	enter(t)
	willFail(t)
	faults(t, "load", 1, func() error { return load("hellobye", "") }, func(loading error) {
		if err := unload(); loading == nil && err != nil {
			t.Fatal(err)
		}
	})
}

// TestFaults does the same to each operation: it is refused then, leaves nothing
// behind, and works at once without the fault.
func TestFaults(t *testing.T) {
	enter(t)
	willFail(t)
	loaded(t, "")
	for _, proto := range []int{protoHello, protoBye} {
		fd := -1
		faults(t, fmt.Sprint("socket ", proto), 1, func() (err error) {
			fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
			return err
		}, func(error) { unix.Close(fd) })
	}
	for i := range faultyRequests {
		c := &faultyRequests[i]
		s := c.socket(t)
		faults(t, c.name, 1, func() error { return s.exchange(c.message()) }, func(error) {
			s.close()
			s = c.socket(t)
		})
		s.close()
	}
	<-apart(func() {
		faults(t, "namespace", stride, func() error { return unix.Unshare(unix.CLONE_NEWNET) }, func(error) {})
	})
	works(t, protoHello, greetingHello)
}

const ackRequest = unix.NLM_F_REQUEST | unix.NLM_F_ACK

// exchange sends a request, whose ack is there when the call returns, and gives
// the error of whichever failed.
func (s *socket) exchange(b []byte) error {
	if err := unix.Sendto(s.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	for {
		answer, err := s.small()
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case err != nil:
			return err
		}
		for _, m := range messages(s.t, answer) {
			if m.typ != unix.NLMSG_ERROR {
				continue
			}
			if errno, _, _ := m.verdict(s.t); errno != 0 {
				return errno
			}
		}
	}
}

// A faultyRequest is one that allocates.
type faultyRequest struct {
	name       string
	registered bool
	message    func() []byte
}

// socket gives one that is as the request wants it.
func (r *faultyRequest) socket(t *testing.T) *socket {
	s := open(t, protoHello).roomy()
	if r.registered {
		s.register()
	}
	return s
}

var faultyRequests = []faultyRequest{
	{"text", false, func() []byte { return header(16, 0, 0, 0, nil) }},
	{"register", false, func() []byte { return request(msgRegister, ackRequest, name("faulty")) }},
	{"register with filters", false, func() []byte {
		return request(msgRegister, ackRequest, filter(attr8(filterICMPType, 8), attr8(filterICMPType, 0)))
	}},
	{"get", true, func() []byte { return request(msgGet, ackRequest) }},
	{"set", true, func() []byte { return request(msgSet, ackRequest, attr32(attrSnapLen, 100)) }},
	{"unregister", true, func() []byte { return request(msgUnregister, ackRequest) }},
}

// faults calls do with its k-th allocation failing, for every step-th k, and reset
// with the outcome after each. Faults that do no harm are no error. The caller's
// goroutine is bound to its thread.
func faults(t *testing.T, what string, step int, do func() error, reset func(error)) {
	t.Helper()
	self, err := unix.Open(fmt.Sprintf("/proc/self/task/%d/fail-nth", unix.Gettid()), unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(self)
	refused := 0
	for k := 1; k < most; k += step {
		if _, err := unix.Pwrite(self, []byte(strconv.Itoa(k)), 0); err != nil {
			t.Fatal(err)
		}
		err := do()
		var left [16]byte
		n, readErr := unix.Pread(self, left[:], 0) // without an allocation: the fault may still be to come
		if readErr != nil {
			t.Fatal(readErr)
		}
		injected := strings.TrimSpace(string(left[:n])) == "0"
		unix.Pwrite(self, []byte("0"), 0)
		reset(err)
		switch {
		case err != nil && injected:
			refused++
		case err != nil:
			t.Errorf("%s without a fault: %v", what, err)
			return
		case !injected: // there was no k-th allocation
			t.Logf("%s: %d allocations, %d of them fatal", what, k-1, refused)
			if k == 1 {
				t.Errorf("%s: nothing was injected", what)
			}
			return
		}
	}
	t.Errorf("%s: more than %d allocations", what, most)
}
