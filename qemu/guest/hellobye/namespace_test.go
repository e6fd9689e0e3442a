//go:build guest

package hellobye

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const iproute2 = "/opt/iproute2/ip"

// enter moves the test to a new network namespace with its loopback up. The
// thread, and with it the namespace, ends with the test's goroutine.
func enter(t testing.TB) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatalf("new network namespace: %v", err)
	}
	raise(t, "lo")
}

// raise sets a link up, without a program, for tests that do it often.
func raise(t testing.TB, link string) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq(link)
	if err != nil {
		t.Fatal(err)
	}
	request.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		t.Fatalf("set %s up: %v", link, err)
	}
}

// apart runs f on a thread of its own, in the namespace of the first one, that
// ends with it. Go makes no thread from one that has gone elsewhere.
func apart(f func()) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	return done
}

// beside is apart, in the namespace of the calling thread.
func beside(t testing.TB, f func()) (done chan struct{}) {
	t.Helper()
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return apart(func() {
		defer unix.Close(fd)
		if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
			t.Errorf("enter the namespace of the test: %v", err)
			return
		}
		f()
	})
}

func ip(t *testing.T, words string) {
	t.Helper()
	if out, err := exec.Command(iproute2, strings.Fields(words)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", words, err, out)
	}
}

// A pipe is a pair of veth links. What is written to the far end comes in at
// the near one, as it is, and nothing else does.
type pipe struct {
	fd   int
	far  *unix.SockaddrLinklayer
	near int // ifindex
	mac  []byte
}

// newPipe makes "near" and "far". The far end has no IPv6 to send anything of
// its own by, the near one no address to answer from.
func newPipe(t *testing.T) *pipe {
	t.Helper()
	sysctl := func(name, value string) {
		if err := os.WriteFile("/proc/sys/net/"+name, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
	}
	sysctl("ipv6/conf/default/disable_ipv6", "1")
	ip(t, "link add near mtu 9000 type veth peer name far mtu 9000")
	sysctl("ipv6/conf/near/disable_ipv6", "0")
	ip(t, "link set near up")
	ip(t, "link set far up")
	near, far := link(t, "near"), link(t, "far")
	p := &pipe{near: near.Index, far: &unix.SockaddrLinklayer{Ifindex: far.Index}, mac: near.HardwareAddr}
	var err error
	if p.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(p.fd) })
	if err := unix.SetsockoptInt(p.fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1); err != nil {
		t.Fatal(err)
	}
	return p
}

// link looks a link up in the namespace of the calling thread.
func link(t *testing.T, name string) *net.Interface {
	t.Helper()
	i, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// inject sends an IP packet over the pipe. Of a packet larger than a page the
// near end gets a buffer with only its first bytes in one piece.
func (p *pipe) inject(t *testing.T, packet []byte) {
	t.Helper()
	const vnetHeader, linear = 10, 14 + 20
	frame := make([]byte, vnetHeader, vnetHeader+14+len(packet))
	binary.NativeEndian.PutUint16(frame[2:], linear)
	frame = append(frame, p.mac...)
	frame = append(frame, 2, 0, 0, 0, 0, 1)
	frame = binary.BigEndian.AppendUint16(frame, etherType(packet))
	frame = append(frame, packet...)
	if err := unix.Sendto(p.fd, frame, 0, p.far); err != nil {
		t.Fatalf("inject %d bytes: %v", len(packet), err)
	}
}

func etherType(packet []byte) uint16 {
	if packet[0]>>4 == 6 {
		return unix.ETH_P_IPV6
	}
	return unix.ETH_P_IP
}
