package main

import (
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// The packet is well-formed, whatever its size: sums over a header and its own
// checksum are 0.
func TestEchoRequest(t *testing.T) {
	for _, size := range []int{28, 29, 84, 1400} {
		frame, err := echoRequest(size)
		if err != nil {
			t.Fatal(err)
		}
		const ethernet = 14
		ip := frame[ethernet:]
		if len(ip) != size || int(binary.BigEndian.Uint16(ip[2:])) != size {
			t.Errorf("%d bytes, the header says %d; want %d", len(ip), binary.BigEndian.Uint16(ip[2:]), size)
		}
		if head, body := checksum(ip[:ipv4Header]), checksum(ip[ipv4Header:]); head != 0 || body != 0 {
			t.Errorf("size %d: checksums are off by %#x and %#x", size, head, body)
		}
	}
}

func TestReaderCounts(t *testing.T) {
	one := message(0x21, 0, []byte("packet"))
	lost := message(0x23, 0, []byte("lost"))
	for _, c := range []struct {
		name     string
		datagram []byte
		want     int64
		ok       bool
	}{
		{"one", one, 1, true},
		{"two", slices.Concat(one, one), 2, true},
		{"a loss behind a packet", slices.Concat(one, lost), 1, false},
		{"longer than the datagram", one[:len(one)-4], 0, false},
		{"no body", message(0x21, 0, nil), 0, false},
	} {
		r := reader{typ: 0x21}
		if n, err := r.messages(c.datagram); n != c.want || (err == nil) != c.ok {
			t.Errorf("%s: %d messages, %v; want %d, ok %v", c.name, n, err, c.want, c.ok)
		}
	}
}

func TestICMPCounter(t *testing.T) {
	const text = "Ip: Forwarding DefaultTTL\nIp: 2 64\nIcmp: InMsgs InEchos\nIcmp: 9 7\nIcmpMsg: InType8\nIcmpMsg: 7\n"
	if n, err := icmpCounter(text, "InEchos"); n != 7 || err != nil {
		t.Errorf("InEchos: %d, %v; want 7", n, err)
	}
	if _, err := icmpCounter(text, "InType8"); err == nil {
		t.Error("a counter of another table is found")
	}
}

// A listener with a wrong number of messages is told, not waited for.
func TestTooManyMessages(t *testing.T) {
	r := &reader{typ: 0x21}
	r.count.Store(3)
	in := injector{readers: []*reader{r}, sent: 2}
	if _, err := in.total(); err == nil {
		t.Error("3 messages about 2 packets are fine")
	}
	r.count.Store(1)
	failure := error(unix.ENOBUFS)
	r.fail.Store(&failure)
	if _, err := in.total(); err != unix.ENOBUFS {
		t.Errorf("a reader's failure gives %v", err)
	}
}
