//go:build guest

package hellobye

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The numbers are written down here once more, so that nobody changes them by
// accident in the module and in its Go client.
const (
	protoHello, protoBye       = 19, 21
	greetingHello, greetingBye = "Hello Server Good day Client", "BYE Server Good Evening Client"

	msgRegister, msgUnregister, msgGet, msgSet = 0x10, 0x11, 0x12, 0x13
	msgGreeting, msgPacket, msgInfo, msgLost   = 0x20, 0x21, 0x22, 0x23
	groupPackets, groupEvents                  = 1, 2

	attrVersion, attrSide, attrText, attrRaw           = 2, 3, 4, 5
	attrOrigLen, attrSnapLen, attrIfindex, attrIfname  = 6, 7, 8, 9
	attrTimestamp, attrFamily, attrMark, attrSeq       = 10, 11, 12, 13
	attrDrops, attrFilter, attrStats, attrPortID       = 14, 15, 16, 17
	attrClients, attrMaxClients, attrQueueLen, attrPPS = 18, 19, 20, 21
	attrBurst, attrQueueBytes                          = 22, 23

	filterIfindex, filterFamily, filterICMPType = 1, 2, 3
	statSeen                                    = 2
)

// A socket is a netlink socket that ends with its test.
type socket struct {
	t    testing.TB
	fd   int
	port uint32
}

func open(t testing.TB, proto int) *socket {
	t.Helper()
	s, err := openPort(t, proto, 0)
	if err != nil {
		t.Fatalf("netlink protocol %d: %v", proto, err)
	}
	return s
}

// openPort binds to a port ID; 0 lets the kernel choose.
func openPort(t testing.TB, proto int, port uint32) (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return nil, err
	}
	s := &socket{t: t, fd: fd}
	t.Cleanup(s.close)
	for _, option := range []int{unix.NETLINK_EXT_ACK, unix.NETLINK_CAP_ACK} {
		err = errors.Join(err, unix.SetsockoptInt(fd, unix.SOL_NETLINK, option, 1))
	}
	tv := unix.NsecToTimeval(int64(patience))
	err = errors.Join(err, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv),
		unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: port}))
	if err != nil {
		return nil, err
	}
	name, err := unix.Getsockname(fd)
	if err == nil {
		s.port = name.(*unix.SockaddrNetlink).Pid
	}
	return s, err
}

func (s *socket) close() {
	if s.fd >= 0 {
		unix.Close(s.fd)
	}
	s.fd = -1
}

// roomy makes the receive buffer large enough for whatever a test sends.
func (s *socket) roomy() *socket {
	s.t.Helper()
	if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20); err != nil {
		s.t.Fatal(err)
	}
	return s
}

func (s *socket) join(group int) *socket {
	s.t.Helper()
	if err := unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, group); err != nil {
		s.t.Fatalf("join group %d: %v", group, err)
	}
	return s
}

// header is a message with a length of its own choice.
func header(length uint32, typ, flags uint16, seq uint32, body []byte) []byte {
	b := make([]byte, unix.NLMSG_HDRLEN, unix.NLMSG_HDRLEN+len(body))
	binary.NativeEndian.PutUint32(b, length)
	binary.NativeEndian.PutUint16(b[4:], typ)
	binary.NativeEndian.PutUint16(b[6:], flags)
	binary.NativeEndian.PutUint32(b[8:], seq)
	return append(b, body...)
}

func (s *socket) send(datagram []byte) {
	s.t.Helper()
	if err := unix.Sendto(s.fd, datagram, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		s.t.Fatalf("send %x: %v", datagram[:min(len(datagram), 32)], err)
	}
}

// datagram waits for the next one. flags are recvfrom's.
func (s *socket) datagram(flags int) ([]byte, error) {
	b := make([]byte, 1<<17)
	for {
		n, from, err := unix.Recvfrom(s.fd, b, flags)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if from.(*unix.SockaddrNetlink).Pid != 0 {
			return nil, fmt.Errorf("a message of port %d and not of the kernel", from.(*unix.SockaddrNetlink).Pid)
		}
		return b[:n], nil
	}
}

// empty fails the test if something is waiting.
func (s *socket) empty(why string) {
	s.t.Helper()
	if b, err := s.datagram(unix.MSG_DONTWAIT); !errors.Is(err, unix.EAGAIN) {
		s.t.Errorf("%s, but received %x, %v", why, b, err)
	}
}

// say sends a message as programs for the first module do: no flags, any type.
func (s *socket) say(text string) {
	s.t.Helper()
	body := append([]byte(text), 0)
	s.send(header(uint32(unix.NLMSG_HDRLEN+len(body)), 0x4141, 0, 77, body))
}

// text receives a message of the text format and gives its text.
func (s *socket) text() string {
	s.t.Helper()
	text, err := s.tryText()
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

func (s *socket) tryText() (string, error) {
	b, err := s.datagram(0)
	if err != nil {
		return "", err
	}
	n := len(b)
	if n > unix.NLMSG_HDRLEN {
		n = int(binary.NativeEndian.Uint32(b))
	}
	if n <= unix.NLMSG_HDRLEN || len(b) != (n+3)&^3 || !bytes.Equal(b[4:16], make([]byte, 12)) {
		return "", fmt.Errorf("not a message of the text format: %x", b)
	}
	text, rest, _ := bytes.Cut(b[16:n], []byte{0})
	if len(rest) > 0 || len(text) != n-17 {
		return "", fmt.Errorf("not ended by its NUL: %x", b)
	}
	return string(text), nil
}

// greeted registers in the text format.
func (s *socket) greeted(greeting string) *socket {
	s.t.Helper()
	s.say("hi")
	if text := s.text(); text != greeting {
		s.t.Fatalf("greeting %q; want %q", text, greeting)
	}
	return s
}

// A message is one of the format with attributes.
type message struct {
	typ, flags uint16
	seq, port  uint32
	body       []byte
}

// receive gives the messages of the next datagram.
func (s *socket) receive() []message {
	s.t.Helper()
	b, err := s.datagram(0)
	if err != nil {
		s.t.Fatal(err)
	}
	return messages(s.t, b)
}

func messages(t testing.TB, b []byte) (list []message) {
	t.Helper()
	for len(b) > 0 {
		n := 0
		if len(b) >= unix.NLMSG_HDRLEN {
			n = int(binary.NativeEndian.Uint32(b))
		}
		if n < unix.NLMSG_HDRLEN || n > len(b) {
			t.Fatalf("not a message: %x", b)
		}
		list = append(list, message{binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:]),
			binary.NativeEndian.Uint32(b[8:]), binary.NativeEndian.Uint32(b[12:]), b[16:n]})
		b = b[min(len(b), (n+3)&^3):]
	}
	return list
}

// one receives a datagram of one message of a type.
func (s *socket) one(typ uint16) message {
	s.t.Helper()
	list := s.receive()
	if list[0].typ == unix.NLMSG_ERROR && typ != unix.NLMSG_ERROR {
		errno, text, _ := list[0].verdict(s.t)
		s.t.Fatalf("refused: %v: %s; want a message of type %#x", errno, text, typ)
	}
	if len(list) != 1 || list[0].typ != typ {
		s.t.Fatalf("received %d messages, the first %+v; want one of type %#x", len(list), list[0], typ)
	}
	return list[0]
}

func (s *socket) ask(typ, flags uint16, seq uint32, attributes ...[]byte) {
	s.t.Helper()
	body := bytes.Join(attributes, nil)
	s.send(header(uint32(unix.NLMSG_HDRLEN+len(body)), typ, flags|unix.NLM_F_REQUEST, seq, body))
}

// ack receives an ack and gives its errno, the kernel's words, and the place
// of the attribute that is to blame; -1: none.
func (s *socket) ack() (errno unix.Errno, text string, offset int) {
	s.t.Helper()
	return s.one(unix.NLMSG_ERROR).verdict(s.t)
}

// verdict reads an ack; the socket has NETLINK_CAP_ACK.
func (m message) verdict(t testing.TB) (errno unix.Errno, text string, offset int) {
	t.Helper()
	errno, offset = unix.Errno(-int32(binary.NativeEndian.Uint32(m.body))), -1
	if m.flags&unix.NLM_F_ACK_TLVS == 0 {
		return errno, "", offset
	}
	all := attributes(t, m.body[20:])
	if at, ok := all[unix.NLMSGERR_ATTR_OFFS]; ok {
		offset = int(at.number(t))
	}
	return errno, all[unix.NLMSGERR_ATTR_MSG].text(), offset
}

// done sends a request that must be acked.
func (s *socket) done(typ uint16, attributes ...[]byte) {
	s.t.Helper()
	s.ask(typ, unix.NLM_F_ACK, 5, attributes...)
	if errno, text, _ := s.ack(); errno != 0 {
		s.t.Fatalf("request %#x: %v: %s", typ, errno, text)
	}
}

// register registers with attributes; the greeting comes before the ack.
func (s *socket) register(attributes ...[]byte) *socket {
	s.t.Helper()
	s.ask(msgRegister, unix.NLM_F_ACK, 9, attributes...)
	if m := s.one(msgGreeting); m.seq != 9 || m.port != s.port {
		s.t.Fatalf("greeting %+v; want sequence 9 for port %d", m, s.port)
	}
	if errno, text, _ := s.ack(); errno != 0 {
		s.t.Fatalf("register: %v: %s", errno, text)
	}
	return s
}

// A value is the payload of an attribute.
type value []byte

// attrs are a message's attributes by type.
func (m message) attrs(t testing.TB) map[uint16]value {
	t.Helper()
	return attributes(t, m.body)
}

// attributes parses them; none but padding may come twice.
func attributes(t testing.TB, b []byte) map[uint16]value {
	t.Helper()
	const padding = 1
	all := map[uint16]value{}
	for len(b) > 0 {
		n := 0
		if len(b) >= unix.NLA_HDRLEN {
			n = int(binary.NativeEndian.Uint16(b))
		}
		if n < unix.NLA_HDRLEN || n > len(b) {
			t.Fatalf("not an attribute: %x", b)
		}
		typ := binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)
		if _, twice := all[typ]; twice && typ != padding {
			t.Fatalf("attribute %d comes twice", typ)
		}
		all[typ] = b[unix.NLA_HDRLEN:n]
		b = b[min(len(b), (n+3)&^3):]
	}
	return all
}

// number reads a payload of 1, 4 or 8 bytes.
func (v value) number(t testing.TB) uint64 {
	t.Helper()
	switch len(v) {
	case 1:
		return uint64(v[0])
	case 4:
		return uint64(binary.NativeEndian.Uint32(v))
	case 8:
		return binary.NativeEndian.Uint64(v)
	}
	t.Fatalf("a number of %d bytes", len(v))
	return 0
}

// text is the payload without its NUL.
func (v value) text() string { return strings.TrimSuffix(string(v), "\x00") }

func attr(typ uint16, payload []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(unix.NLA_HDRLEN+len(payload)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, payload...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

func attr8(typ uint16, v uint8) []byte   { return attr(typ, []byte{v}) }
func attr32(typ uint16, v uint32) []byte { return attr(typ, binary.NativeEndian.AppendUint32(nil, v)) }
func name(text string) []byte            { return attr(attrText, append([]byte(text), 0)) }

func filter(attributes ...[]byte) []byte {
	return attr(attrFilter|unix.NLA_F_NESTED, bytes.Join(attributes, nil))
}

// packetHex is what the text format makes of a packet.
func packetHex(packet []byte) string {
	return strings.ToLower(fmt.Sprintf("%x", packet[:min(len(packet), 1023)]))
}
