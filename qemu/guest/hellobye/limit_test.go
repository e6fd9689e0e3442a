//go:build guest

package hellobye

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// 64 clients of both formats are served, one too many is refused, and a place
// that becomes free is given away.
func TestClients(t *testing.T) {
	enter(t)
	loaded(t, "max_clients=64")
	var clients []*socket
	for i := range 64 {
		c := open(t, protoHello)
		if i%2 == 0 {
			c.greeted(greetingHello)
		} else {
			c.register(filter(attr8(filterFamily, unix.AF_INET)))
		}
		clients = append(clients, c)
	}
	kernel.cut()
	late := open(t, protoHello)
	late.say("one too many")
	late.empty("there are 64 clients already")
	if said := kernel.cut(); !strings.Contains(said, "is refused, 64 are served: see max_clients=") {
		t.Errorf("the log says %q", said)
	}
	late.ask(msgRegister, unix.NLM_F_ACK, 1)
	if errno, text, _ := late.ack(); errno != unix.ENOSPC || !strings.HasSuffix(text, "too many clients") {
		t.Errorf("client 65: %v: %q; want ENOSPC", errno, text)
	}
	open(t, protoBye).greeted(greetingBye) // the other side has room
	packet := newPinger(t).ping(t, 1, 56)
	for i, c := range clients {
		for range 2 {
			if i%2 == 0 {
				c.text()
			} else if raw := c.one(msgPacket).attrs(t)[attrRaw]; !slices.Equal(raw[24:], packet[4:]) {
				t.Errorf("client %d got %x", i, raw)
			}
		}
	}
	clients[17].close()
	late.register()
	if n := stat(t, "hello", "refused"); n != 2 {
		t.Errorf("%d refused; want 2", n)
	}
	late.done(msgSet, attr32(attrMaxClients, 1))
	if n := stat(t, "hello", "clients"); n != 64 {
		t.Errorf("a lower limit leaves %d clients; want 64", n)
	}
}

// tally adds up what a client was told, up to the packet with that sequence
// number of ICMP.
func (s *socket) tally(last uint16) (packets int, lost uint64, gaps uint64) {
	s.t.Helper()
	var before uint64
	for {
		list, err := s.datagram(0)
		if errors.Is(err, unix.ENOBUFS) {
			continue
		}
		if err != nil {
			s.t.Fatal(err)
		}
		m := messages(s.t, list)[0]
		a := m.attrs(s.t)
		if m.typ == msgLost {
			lost = a[attrDrops].number(s.t)
			continue
		}
		packets++
		seq := a[attrSeq].number(s.t)
		if before > 0 {
			gaps += seq - before - 1
		}
		before = seq
		if binary.BigEndian.Uint16(a[attrRaw][26:]) == last && a[attrRaw][20] == 0 {
			return packets, lost, gaps
		}
	}
}

// The bucket holds burst packets and fills again with time. What is above the
// rate is counted, told, and shows in the sequence.
func TestRate(t *testing.T) {
	enter(t)
	loaded(t, "pps=1 burst=4")
	p := newPinger(t)
	c := open(t, protoHello).roomy().register()
	began := time.Now()
	for i := range uint16(10) {
		p.ping(t, i, 0)
	}
	passed := 20 - stat(t, "hello", "drop_rate")
	// One more for each second, if the guest is slow.
	if most := 4 + int(math.Ceil(time.Since(began).Seconds())); passed < 4 || passed > most {
		t.Errorf("%d of 20 packets pass at once; want 4, at most %d", passed, most)
	}
	c.done1(t, msgSet, attr32(attrPPS, 0))
	p.ping(t, 99, 0)
	packets, lost, gaps := c.tally(99)
	if packets != passed+2 || lost != uint64(20-passed) || gaps != lost {
		t.Errorf("%d packets, %d lost, gaps of %d; want %d and %d", packets, lost, gaps, passed+2, 20-passed)
	}
	if n := stat(t, "hello", "seen"); n != 22 {
		t.Errorf("%d seen; want 22", n)
	}
}

// done1 sends a request from a socket of its own.
func (s *socket) done1(t *testing.T, typ uint16, attributes ...[]byte) {
	t.Helper()
	o := open(t, protoHello)
	o.done(typ, attributes...)
	o.close()
}

// A queue that is short, or small, overflows under any flood; whatever was lost
// is told, to the packet.
func TestQueueLength(t *testing.T) { overflows(t, "queue_len=1") }
func TestQueueBytes(t *testing.T)  { overflows(t, "queue_bytes=1") }

func overflows(t *testing.T, parameters string) {
	enter(t)
	loaded(t, parameters)
	c := open(t, protoHello).roomy().register()
	p := newPinger(t)
	sent := 0
	until(t, "the queue to overflow", func() bool {
		for range 200 {
			p.ping(t, 1, 56)
		}
		sent += 400
		return stat(t, "hello", "drop_queue") > 0
	})
	c.done1(t, msgSet, attr32(attrQueueLen, 65536), attr32(attrQueueBytes, 1<<30))
	p.ping(t, 99, 56)
	packets, lost, gaps := c.tally(99)
	if packets+int(lost) != sent+2 || gaps != lost || lost != uint64(stat(t, "hello", "drop_queue")) {
		t.Errorf("%d packets and %d lost of %d, gaps of %d, %d dropped", packets, lost, sent+2, gaps, stat(t, "hello", "drop_queue"))
	}
}

// A client that does not read loses its own packets, knows how many, and goes
// on; the others lose nothing.
func TestSlowReader(t *testing.T) {
	enter(t)
	loaded(t, "queue_len=65536")
	p := newPinger(t)
	slow, text, quick := open(t, protoHello), open(t, protoHello), open(t, protoHello).roomy()
	for _, s := range []*socket{slow, text} {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 8192); err != nil {
			t.Fatal(err)
		}
	}
	slow.register()
	text.greeted(greetingHello)
	quick.register()
	const pings = 100
	for i := range uint16(pings) {
		p.ping(t, i, 500)
	}
	if packets, lost, gaps := quick.tally(pings - 1); packets != 2*pings || lost != 0 || gaps != 0 {
		t.Errorf("the quick one got %d of %d, %d lost, gaps of %d", packets, 2*pings, lost, gaps)
	}
	if _, err := text.datagram(0); !errors.Is(err, unix.ENOBUFS) {
		t.Errorf("the text client learns of its losses by %v; want ENOBUFS", err)
	}
	got := 0
	for ; ; got++ {
		if _, err := text.datagram(unix.MSG_DONTWAIT); errors.Is(err, unix.EAGAIN) {
			break
		}
	}
	got2 := 0
	for {
		_, err := slow.datagram(unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EAGAIN) {
			break
		}
		if !errors.Is(err, unix.ENOBUFS) {
			got2++
		}
	}
	if got == 0 || got >= 2*pings || got2 == 0 || got2 >= 2*pings {
		t.Errorf("the slow ones got %d and %d of %d", got, got2, 2*pings)
	}
	p.ping(t, pings, 500)
	if s := text.text(); !strings.HasPrefix(s, "45000210") {
		t.Errorf("the text client goes on with %q", s)
	}
	if packets, lost, gaps := slow.tally(pings); packets != 2 || lost != uint64(2*pings-got2) || gaps != 0 {
		t.Errorf("the slow one got %d then %d, was told of %d lost, gap of %d", got2, packets, lost, gaps)
	}
	if n := stat(t, "hello", "clients"); n != 3 {
		t.Errorf("%d clients; want 3", n)
	}
}
