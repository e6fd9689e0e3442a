package kmod

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// What the module sent on ARM under Linux 6.1 for pings to the machine itself,
// read with recv(2) and written down in hex; little-endian.
const (
	greetingHello = "44000000200000000900000001000000080002000100000005000300000000002100040048656c6c6f2053657276657220476f6f642064617920436c69656e7400000000"
	greetingBye   = "440000002000000009000000c55379d508000200010000000500030001000000230004004259452053657276657220476f6f64204576656e696e6720436c69656e740000"
	packetIPv4    = "680000002100000000000000000000000c000d0007000000000000000c000a00b091913ea4b9ea1805000b00020000000800080001000000070009006c6f0000080006001c000000200005004500001c7eb340004001be2b7f0000017f0000010800390ebeef0002"
	packetShort   = "6c0000002100000000000000000000000c000d0005000000000000000c000a00504d853ea4b9ea1805000b00020000000800080001000000070009006c6f0000080006000404000022000500450004047eb140004001ba457f0000017f0000010800a78bbeef000100010000"
	packetIPv6    = "800000002100000000000000000000000c000d0003000000000000000c000a0050227e3ba4b9ea1805000b000a0000000800080001000000070009006c6f0000080006003100000035000500600a2ef400093a400000000000000000000000000000000100000000000000000000000000000001800048c9beef000178000000"
	lost          = "1c0000002300000000000000000000000c000e001000000000000000"
)

// message takes a recording apart.
func message(t testing.TB, text string) nlcore.Message {
	t.Helper()
	b := raw(t, text)
	e := binary.LittleEndian
	if int(e.Uint32(b)) != len(b) {
		t.Fatalf("the recording has %d bytes and says %d", len(b), e.Uint32(b))
	}
	return nlcore.Message{Type: e.Uint16(b[4:]), Flags: e.Uint16(b[6:]), Seq: e.Uint32(b[8:]), PortID: e.Uint32(b[12:]), Body: b[16:]}
}

func TestGreeting(t *testing.T) {
	for _, c := range []struct {
		name, hex string
		side      Side
		want      string
		errno     unix.Errno
	}{
		{"hello", greetingHello, Hello, "Hello Server Good day Client", 0},
		{"bye", greetingBye, Bye, "BYE Server Good Evening Client", 0},
		{"the other side", greetingBye, Hello, "", unix.EPROTO},
		{"not a greeting", packetIPv4, Hello, "", unix.EPROTO},
		{"without side", strings.Replace(greetingHello, "05000300", "05007f00", 1), Hello, "", unix.EPROTO},
		{"without version", strings.Replace(greetingHello, "08000200", "08007f00", 1), Hello, "", unix.EPROTO},
		{"cut attribute", strings.Replace(greetingHello, "21000400", "ff000400", 1), Hello, "", unix.EBADMSG},
	} {
		got, err := parseGreeting(c.side, message(t, c.hex))
		if got != c.want || !errors.Is(err, c.errno) && c.errno != 0 || err != nil && c.errno == 0 {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

func TestParsePacket(t *testing.T) {
	for _, c := range []struct {
		name, hex string
		want      Packet
		line      string
	}{
		{"IPv4", packetIPv4, Packet{Length: 28, Seq: 7, Time: time.Unix(0, 0x18eab9a43e9191b0)}, "127.0.0.1 > 127.0.0.1: icmp echo request, id 48879, seq 2, ttl 64, length 28"},
		{"snapped", packetShort, Packet{Length: 1028, Seq: 5, Time: time.Unix(0, 0x18eab9a43e854d50)}, "127.0.0.1 > 127.0.0.1: icmp echo request, id 48879, seq 1, ttl 64, length 1028 (first 30 bytes reported)"},
		{"IPv6", packetIPv6, Packet{Length: 49, Seq: 3, Time: time.Unix(0, 0x18eab9a43b7e2250)}, "::1 > ::1: icmp6 echo request, id 48879, seq 1, hlim 64, length 49"},
	} {
		p, err := parsePacket(message(t, c.hex).Body)
		if err != nil || p.Length != c.want.Length || p.Seq != c.want.Seq || !p.Time.Equal(c.want.Time) || p.Interface != "lo" || p.IfIndex != 1 || p.Mark != 0 {
			t.Errorf("%s: %+v, %v", c.name, p, err)
		}
		if p.String() != c.line {
			t.Errorf("%s:\n got %s\nwant %s", c.name, p, c.line)
		}
	}
}

// The packet must not change when the buffer is read into again.
func TestPacketIsACopy(t *testing.T) {
	m := message(t, packetIPv4)
	p, err := parsePacket(m.Body)
	if err != nil {
		t.Fatal(err)
	}
	before := p.Hex()
	clear(m.Body)
	if p.Hex() != before {
		t.Error("the packet lies in the read buffer")
	}
}

func TestMalformed(t *testing.T) {
	whole := message(t, packetIPv4).Body
	for _, c := range []struct {
		name string
		body []byte
	}{
		{"no bytes", whole[:56]}, {"empty", nil}, {"cut in an attribute", whole[:60]}, {"a time of 4 bytes", raw(t, "08000a0001020304")},
	} {
		if p, err := parsePacket(c.body); !errors.Is(err, unix.EBADMSG) {
			t.Errorf("%s: %+v, %v", c.name, p, err)
		}
	}
	if n, err := parseLost(raw(t, "08000e0001020304")); !errors.Is(err, unix.EBADMSG) {
		t.Errorf("losses of 4 bytes: %d, %v", n, err)
	}
}

func TestLose(t *testing.T) {
	c := &Client{side: Bye}
	var err *LostError
	body := message(t, lost).Body
	if got := c.lose(body); !errors.As(got, &err) || err.Packets != 16 || c.Lost() != 16 || !errors.Is(got, unix.ENOBUFS) {
		t.Errorf("lose: %v, %d", got, c.Lost())
	}
	c.overrun = true
	body[4] = 20
	if got := c.lose(body); got != nil || c.Lost() != 20 {
		t.Errorf("after an overrun: %v, %d", got, c.Lost())
	}
	body[4] = 23
	if got := c.lose(body); !errors.As(got, &err) || err.Packets != 3 {
		t.Errorf("lose again: %v", got)
	}
}

// TestKernel shows that the module takes such bytes.
func TestWish(t *testing.T) {
	for _, c := range []struct {
		name string
		wish Wish
		want string
	}{
		{"all", Wish{}, "05000400000000000400" + "0f80"},
		{"some", Wish{Name: "x", Family: unix.AF_INET, IfIndex: 3, SnapLen: 30}, "060004007800000008000700" + "1e000000" + "14000f80" + "0800010003000000" + "0500020002000000"},
	} {
		if got := c.wish.body(); string(got) != string(raw(t, c.want)) {
			t.Errorf("%s: %x; want %s", c.name, got, c.want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for _, text := range []string{greetingHello, packetIPv4, packetIPv6, lost} {
		f.Add(message(f, text).Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, err := parsePacket(body); err == nil && (p.Raw == nil || len(p.Raw) > len(body) || p.String() == "") {
			t.Errorf("%x gives %+v", body, p)
		}
		if text, err := parseGreeting(Hello, nlcore.Message{Type: msgGreeting, Body: body}); err != nil && text != "" {
			t.Errorf("%x gives %q and %v", body, text, err)
		}
		if n, err := parseLost(body); err != nil && n != 0 {
			t.Errorf("%x gives %d and %v", body, n, err)
		}
	})
}
