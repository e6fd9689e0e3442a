package kmod

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// guest says that this kernel may be used up: modules come and go, and in the
// end none can be loaded any more. It must have hellobye and crypto_user
// installed, and wrong.ko, a module for another kernel.
const guest = "BOOTLINK_GUEST"

// TestKernel runs against the module itself, as root.
func TestKernel(t *testing.T) {
	if os.Getenv(guest) == "" {
		t.Skipf("needs a kernel to itself, with hellobye: build the test for it (go test -c) and run it there with %s=1", guest)
	}
	for _, c := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"load", kernelLoad}, {"number taken", kernelTaken}, {"wrong kernel", kernelWrong}, {"greetings", kernelGreetings},
		{"packets", kernelPackets}, {"lost packets", kernelLost}, {"too many", kernelTooMany}, {"not ours", kernelNotOurs},
		{"no modules any more", kernelDisabled},
	} {
		if !t.Run(c.name, c.test) {
			t.FailNow()
		}
	}
}

func load(t *testing.T, p Params) {
	t.Helper()
	if err := Load(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// unload removes a module that nothing uses.
func unload(t *testing.T, name string) {
	t.Helper()
	if err := unix.DeleteModule(name, unix.O_NONBLOCK); err != nil {
		t.Fatalf("unload %s: %v", name, err)
	}
}

func register(t *testing.T, side Side, wish Wish) *Client {
	t.Helper()
	c, err := RegisterFor(t.Context(), side, "", wish, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ping sends an echo request to this machine.
func ping(t *testing.T, seq uint16, size int) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	b := append([]byte{8, 0, 0, 0, 0, 7}, make([]byte, 2+size)...)
	binary.BigEndian.PutUint16(b[6:], seq)
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	binary.BigEndian.PutUint16(b[2:], ^uint16(sum+sum>>16))
	if err := unix.Sendto(fd, b, 0, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, c *Client) Packet {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	p, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func kernelLoad(t *testing.T) {
	if p, ok := Loaded(); ok {
		t.Fatalf("it is loaded already: %+v", p)
	}
	var absent *AbsentError
	if _, err := Register(t.Context(), Hello, "", "test", nil); !errors.As(err, &absent) {
		t.Errorf("register without the module: %v", err)
	}
	load(t, Params{HelloProto: 22, ByeProto: 23})
	load(t, Params{HelloProto: 22, ByeProto: 23})
	if p, ok := Loaded(); !ok || p.HelloProto != 22 || p.ByeProto != 23 {
		t.Errorf("loaded = %+v, %v", p, ok)
	}
	if err := Load(t.Context(), Params{}); !errors.Is(err, unix.EEXIST) || !strings.Contains(err.Error(), "hello_proto=22") {
		t.Errorf("other numbers: %v", err)
	}
	unload(t, Name)
}

func kernelTaken(t *testing.T) {
	load(t, Params{Module: "crypto-user"}) // its parameters are unknown to it, and ignored
	defer unload(t, "crypto_user")
	err := Load(t.Context(), Params{})
	if !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "netlink number 21 is taken, probably by crypto_user") ||
		!strings.Contains(err.Error(), "bye_proto = 22") {
		t.Errorf("beside crypto_user: %v", err)
	}
	if p, ok := Loaded(); ok {
		t.Errorf("it is loaded all the same: %+v", p)
	}
}

func kernelWrong(t *testing.T) {
	err := Load(t.Context(), Params{Module: "wrong"})
	if !errors.Is(err, unix.ENOEXEC) || !strings.Contains(err.Error(), "it was built for kernel ") || !strings.Contains(err.Error(), "and this is "+Release()) {
		t.Errorf("a module of another kernel: %v", err)
	}
}

// kernelGreetings leaves the module loaded for those that follow.
func kernelGreetings(t *testing.T) {
	load(t, Params{})
	for side, want := range map[Side]string{Hello: "Hello Server Good day Client", Bye: "BYE Server Good Evening Client"} {
		c := register(t, side, Wish{Name: "test"})
		if c.Greeting() != want {
			t.Errorf("%v greets with %q; want %q", side, c.Greeting(), want)
		}
		c.Close()
	}
}

func kernelPackets(t *testing.T) {
	c := register(t, Hello, Wish{Name: "test", Family: unix.AF_INET})
	defer c.Close()
	ping(t, 3, 56)
	request, reply := next(t, c), next(t, c)
	for _, l := range []struct{ got, want string }{
		{request.String(), "127.0.0.1 > 127.0.0.1: icmp echo request, id 7, seq 3, ttl 64, length 84"},
		{reply.String(), "127.0.0.1 > 127.0.0.1: icmp echo reply, id 7, seq 3, ttl 64, length 84"},
	} {
		if l.got != l.want {
			t.Errorf("got %s\nwant %s", l.got, l.want)
		}
	}
	if d := time.Since(request.Time); d < 0 || d > time.Minute || request.Interface != "lo" || request.IfIndex != 1 || request.Length != 84 || reply.Seq != request.Seq+1 {
		t.Errorf("request %+v, reply %+v", request, reply)
	}
	short := register(t, Hello, Wish{SnapLen: 24})
	defer short.Close()
	ping(t, 4, 56)
	if p := next(t, short); len(p.Raw) != 24 || p.Length != 84 {
		t.Errorf("%d of %d bytes; want 24 of 84", len(p.Raw), p.Length)
	}
}

func kernelLost(t *testing.T) {
	c := register(t, Hello, Wish{Name: "test", Family: unix.AF_INET})
	defer c.Close()
	set(t, attrPPS, 1)
	defer set(t, attrPPS, 0)
	const pings = 300 // twice as many packets, more than the burst of 256
	for seq := range uint16(pings) {
		ping(t, seq, 0)
	}
	set(t, attrPPS, 0)
	ping(t, pings, 0)
	var got, missed uint64
	for last := false; !last; {
		p, err := c.Next(t.Context())
		var lost *LostError
		switch {
		case errors.As(err, &lost) && errors.Is(err, unix.ENOBUFS):
			missed += lost.Packets
		case err != nil:
			t.Fatal(err)
		default:
			last = strings.Contains(p.String(), "echo request, id 7, seq 300,")
			got++
		}
	}
	if got+missed != 2*pings+1 || got < 256 || missed == 0 || c.Lost() != missed {
		t.Errorf("%d packets came, %d were lost (%d): together not %d", got, missed, c.Lost(), 2*pings+1)
	}
}

// Numbers of src/include/uapi/hellobye.h that only tests use.
const (
	msgSet         = 0x13
	attrMaxClients = 19
	attrPPS        = 21
)

// set changes a limit of hello.
func set(t *testing.T, attr uint16, value uint32) {
	t.Helper()
	conn, err := nlcore.Dial(19, nlcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var a nlcore.AttrWriter
	a.U32(attr, value)
	if err := conn.Do(t.Context(), nlcore.Request{Type: msgSet, Body: a.Bytes(), Label: "set limit"}); err != nil {
		t.Fatal(err)
	}
}

func kernelTooMany(t *testing.T) {
	c := register(t, Hello, Wish{Name: "test"})
	defer c.Close()
	set(t, attrMaxClients, 1)
	defer set(t, attrMaxClients, 16)
	_, err := Register(t.Context(), Hello, "", "one more", nil)
	if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "register with hello") || !strings.Contains(err.Error(), "too many clients") {
		t.Errorf("one client too many: %v", err)
	}
	_, err = RegisterFor(t.Context(), Hello, "", Wish{Name: strings.Repeat("x", 64)}, nil)
	if !errors.Is(err, unix.EINVAL) {
		t.Errorf("a long name: %v", err)
	}
}

// kernelNotOurs meets the other side where it looks for hello.
func kernelNotOurs(t *testing.T) {
	conn, err := nlcore.Dial(21, nlcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &Client{conn: conn, side: Hello}
	if err := c.register(t.Context(), Wish{}); !errors.Is(err, unix.EPROTO) {
		t.Errorf("bye in the place of hello: %v", err)
	}
}

func kernelDisabled(t *testing.T) {
	unload(t, Name)
	if err := os.WriteFile(filepath.Join("/proc/sys/kernel", "modules_disabled"), []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if err := Load(t.Context(), Params{}); !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "modules_disabled is 1") {
		t.Errorf("with modules disabled: %v", err)
	}
}
