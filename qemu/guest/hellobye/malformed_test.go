//go:build guest

package hellobye

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

var (
	mutants = flag.Int("mutants", 100_000, "how many malformed messages TestMalformed sends")
	visits  = flag.Int("visits", 1000, "how many clients TestComeAndGo has")
	reloads = flag.Int("reloads", 25, "how often TestReload loads the module")
	packets = flag.Int("packets", 20_000, "how many packets TestFlood waits for")
	seed    = flag.Uint64("seed", 1, "of TestMalformed's mutations")
)

// request is a message with the right length.
func request(typ, flags uint16, body ...[]byte) []byte {
	b := slices.Concat(body...)
	return header(uint32(unix.NLMSG_HDRLEN+len(b)), typ, flags, 7, b)
}

// genuine are messages as clients send them: what is malformed begins there.
func genuine() [][]byte {
	const ask = unix.NLM_F_REQUEST | unix.NLM_F_ACK
	return [][]byte{
		request(0, 0, []byte("Hello, this is a client\x00")),
		request(0, 0, make([]byte, 2048)),
		request(unix.NLMSG_NOOP, ask),
		request(msgRegister, ask, name("a client"), attr32(attrSnapLen, 96), filter(attr32(filterIfindex, 1), attr8(filterFamily, 2), attr8(filterICMPType, 8))),
		request(msgRegister, unix.NLM_F_REQUEST),
		request(msgUnregister, ask),
		request(msgGet, ask),
		request(msgGet, unix.NLM_F_REQUEST|unix.NLM_F_DUMP),
		request(msgSet, ask, attr32(attrSnapLen, 2048), attr32(attrQueueLen, 256), attr32(attrPPS, 0), attr32(attrBurst, 256), attr32(attrMaxClients, 16)),
		append(request(msgGet, ask), request(msgRegister, ask, name("second"))...),
	}
}

// edges are numbers at which parsers go wrong.
var edges = []uint32{0, 1, 2, 3, 4, 15, 16, 17, 19, 20, 63, 64, 65, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff}

// mutate changes a message in one to four places. Half of the results have the
// right length in their header, so that they get past it.
func mutate(r *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + r.IntN(4) {
		b = mutateOnce(r, b)
	}
	if len(b) >= 4 && r.IntN(2) == 0 {
		binary.NativeEndian.PutUint32(b, uint32(len(b)))
	}
	return b
}

func mutateOnce(r *rand.Rand, b []byte) []byte {
	at := r.IntN(len(b) + 1)
	switch r.IntN(6) {
	case 0: // a bit
		if at < len(b) {
			b[at] ^= 1 << r.IntN(8)
		}
	case 1: // a number, aligned as netlink's are
		if at &^= 3; at+4 <= len(b) {
			binary.NativeEndian.PutUint32(b[at:], edges[r.IntN(len(edges))])
		}
	case 2: // half a number, such as an attribute's length or type
		if at &^= 1; at+2 <= len(b) {
			binary.NativeEndian.PutUint16(b[at:], uint16(edges[r.IntN(len(edges))]))
		}
	case 3: // less
		b = b[:at]
	case 4: // more
		b = append(b, make([]byte, r.IntN(64))...)
	case 5: // something twice
		end := at + r.IntN(len(b)-at+1)
		b = slices.Insert(b, at, slices.Clone(b[at:end])...)
	}
	return b
}

// Whatever is sent, each answer is a well-formed message, and the module works
// on: nothing has crashed, no client is left, the limits can be set as before.
func TestMalformed(t *testing.T) {
	enter(t)
	loaded(t, "")
	// Two that stay: hooks that come and go cost most of the time.
	stay := []*socket{open(t, protoHello).register(), open(t, protoBye).register()}
	answers := map[bool]int{}
	r := rand.New(rand.NewPCG(*seed, 19))
	for left := *mutants; left > 0; left -= mutantsPerSocket {
		send(t, r, min(left, mutantsPerSocket), answers)
	}
	t.Logf("%d acks and refusals, %d greetings, packets and the like", answers[false], answers[true])
	if answers[false] < *mutants/20 || answers[true] < *mutants/200 {
		t.Error("the mutants do not get far enough")
	}
	if a, b := stat(t, "hello", "clients"), stat(t, "bye", "clients"); a != 1 || b != 1 {
		t.Errorf("%d and %d clients are left; want those two that stayed", a, b)
	}
	for _, c := range stay {
		c.close()
	}
	works(t, protoHello, greetingHello)
	works(t, protoBye, greetingBye)
}

// mutantsPerSocket are sent through a socket before the next one's turn.
const mutantsPerSocket = 500

// send sends mutants through one socket and judges the answers.
func send(t *testing.T, r *rand.Rand, n int, answers map[bool]int) {
	t.Helper()
	seeds, p := genuine(), newPinger(t)
	s := open(t, []int{protoHello, protoBye}[r.IntN(2)]).roomy()
	defer s.close()
	for i := range n {
		m := mutate(r, seeds[r.IntN(len(seeds))])
		if err := unix.Sendto(s.fd, m[:min(len(m), 8192)], 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil && len(m) > 0 {
			t.Fatalf("mutant %x: %v", m, err)
		}
		if i%100 == 0 {
			p.ping(t, 1, 30)
		}
		if i%16 == 0 || i == n-1 {
			s.judge(answers)
		}
	}
}

// judge parses what is waiting, and counts what answers begin with: true for
// a message of the module's own, false for one of netlink's.
func (s *socket) judge(answers map[bool]int) {
	s.t.Helper()
	for {
		b, err := s.small()
		if errors.Is(err, unix.EAGAIN) {
			return
		}
		if err != nil {
			s.t.Fatal(err)
		}
		list := messages(s.t, b)
		for _, m := range list {
			if m.typ >= msgGreeting && m.typ <= msgLost {
				m.attrs(s.t)
			}
		}
		answers[list[0].typ == 0 || list[0].typ >= msgRegister]++
	}
}

// works sets the limits back and sees a packet in both formats.
func works(t *testing.T, proto int, greeting string) {
	t.Helper()
	open(t, proto).done(msgSet, attr32(attrSnapLen, 2048), attr32(attrQueueLen, 256), attr32(attrQueueBytes, 1<<20),
		attr32(attrPPS, 0), attr32(attrBurst, 256), attr32(attrMaxClients, 16))
	text, modern := open(t, proto).greeted(greeting), open(t, proto).register()
	message := newPinger(t).ping(t, 9, 10)
	raw := modern.one(msgPacket).attrs(t)[attrRaw]
	if got := text.text(); got != packetHex(raw) || !bytes.HasSuffix(raw, message[4:]) {
		t.Errorf("afterwards protocol %d gives %s and %x for %x", proto, got, raw, message)
	}
}

var receiveBuffer [1 << 16]byte

// small receives what is waiting, into memory that the next call reuses.
func (s *socket) small() ([]byte, error) {
	n, _, err := unix.Recvfrom(s.fd, receiveBuffer[:], unix.MSG_DONTWAIT)
	return receiveBuffer[:max(n, 0)], err
}
