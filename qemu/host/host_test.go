package host

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience bounds what must happen; brief, what must not.
const (
	patience = 30 * time.Second
	brief    = 100 * time.Millisecond
)

var (
	leftAddrs  = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("2001:db8::1/64")}
	rightAddrs = []netip.Prefix{netip.MustParsePrefix("192.0.2.2/24"), netip.MustParsePrefix("2001:db8::2/64")}
)

// pair gives two hosts on one cable: each side of it writes what the other
// reads, as QEMU does between a socket and a guest's device.
func pair(t *testing.T) (left, right *Host) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pair-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var hosts []*Host
	var ends []net.Conn
	for _, c := range []Config{{Name: "left", MAC: "02:00:00:00:00:01", Addrs: leftAddrs}, {Name: "right", MAC: "02:00:00:00:00:02", Addrs: rightAddrs}} {
		socket := filepath.Join(dir, c.Name)
		h, err := New(socket, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		end, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { end.Close() })
		hosts, ends = append(hosts, h), append(ends, end)
	}
	go io.Copy(ends[0], ends[1]) // both end with the cleanup
	go io.Copy(ends[1], ends[0])
	return hosts[0], hosts[1]
}

func soon(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// An id may be used again and again, with growing payloads.
func TestPing(t *testing.T) {
	left, _ := pair(t)
	for _, p := range rightAddrs {
		for seq := range uint16(5) {
			if _, err := left.Ping(soon(t, patience), p.Addr(), 7, seq, make([]byte, 100*int(seq))); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestPingNobody(t *testing.T) {
	left, _ := pair(t)
	_, err := left.Ping(soon(t, brief), netip.MustParseAddr("192.0.2.77"), 7, 3, nil)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "left pings 192.0.2.77, seq 3: no reply") {
		t.Errorf("ping of an address that nobody has: %v", err)
	}
	if _, err := left.Ping(soon(t, brief), netip.MustParseAddr("198.51.100.1"), 7, 3, nil); err == nil {
		t.Error("ping of an address without a route succeeds")
	}
}

func TestTCP(t *testing.T) {
	left, right := pair(t)
	for _, p := range rightAddrs {
		at := netip.AddrPortFrom(p.Addr(), 80)
		l, err := right.Listen(at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			if c, err := l.Accept(); err == nil {
				io.Copy(c, c)
				c.Close()
			}
		}()
		c, err := left.Dial(soon(t, patience), at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(patience))
		text := strings.Repeat("there and back again ", 5000)
		go c.Write([]byte(text))
		got := make([]byte, len(text))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
			t.Errorf("%s: what came back is not what was sent: %v", at, err)
		}
	}
}

// What crossed the wire is recorded at both ends alike.
func TestFrames(t *testing.T) {
	left, right := pair(t)
	if _, err := left.Ping(soon(t, patience), rightAddrs[0].Addr(), 9, 1, []byte("a mark")); err != nil {
		t.Fatal(err)
	}
	for _, h := range []*Host{left, right} {
		seen := 0
		for _, f := range h.Frames() {
			if strings.HasSuffix(string(f), "a mark") {
				seen++
			}
		}
		if seen != 2 {
			t.Errorf("%s host recorded the mark %d times; want it in a request and a reply", h.Name, seen)
		}
	}
}

// The recording is bounded, and it is the old frames that go.
func TestOldFramesGo(t *testing.T) {
	var w wire
	for i := range 5 * keep {
		w.record([]byte(strconv.Itoa(i)))
	}
	got := w.recorded()
	if last := string(got[len(got)-1].bytes); len(got) < keep || len(got) >= 2*keep || last != strconv.Itoa(5*keep-1) {
		t.Errorf("%d frames are kept, the last is %s", len(got), last)
	}
}

// tcpdump reads the recording.
func TestPcap(t *testing.T) {
	left, _ := pair(t)
	if _, err := left.Ping(soon(t, patience), rightAddrs[0].Addr(), 9, 1, []byte("a mark")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "left.pcap")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(left.WritePcap(f), f.Close()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tcpdump", "-n", "-e", "-t", "-r", file, "icmp").CombinedOutput()
	if err != nil {
		t.Fatalf("tcpdump (qemu/setup installs it): %v\n%s", err, out)
	}
	for _, want := range []string{
		"02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 48: 192.0.2.1 > 192.0.2.2: ICMP echo request, id 9, seq 1, length 14",
		"02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype IPv4 (0x0800), length 48: 192.0.2.2 > 192.0.2.1: ICMP echo reply, id 9, seq 1, length 14",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("tcpdump does not show %q:\n%s", want, out)
		}
	}
}

func TestBadConfig(t *testing.T) {
	if _, err := New("/nowhere/at/all", Config{Name: "x", MAC: "02:00:00:00:00:01"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a socket in no folder: %v", err)
	}
	if _, err := New("/nowhere", Config{Name: "x", MAC: "no"}); err == nil || !strings.Contains(err.Error(), "host x: ") {
		t.Errorf("a MAC that is none: %v", err)
	}
}
