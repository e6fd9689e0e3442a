//go:build guest

package hellobye

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Anybody may ask whether the module is there.
func TestNoop(t *testing.T) {
	enter(t)
	loaded(t, "")
	for _, proto := range []int{protoHello, protoBye} {
		s := open(t, proto)
		s.done(unix.NLMSG_NOOP)
		s.ask(unix.NLMSG_NOOP, 0, 1)
		s.empty("no ack was asked for")
	}
}

func TestGreeting(t *testing.T) {
	enter(t)
	loaded(t, "")
	for side, proto := range []int{protoHello, protoBye} {
		s := open(t, proto)
		s.ask(msgRegister, unix.NLM_F_ACK, 0xfffffffe, name("me"))
		m := s.one(msgGreeting)
		a := m.attrs(t)
		want := []string{greetingHello, greetingBye}[side]
		if m.seq != 0xfffffffe || m.port != s.port || a[attrText].text() != want || a[attrVersion].number(t) != 1 || a[attrSide].number(t) != uint64(side) {
			t.Errorf("greeting %+v of %v", m, a)
		}
		if errno, text, _ := s.ack(); errno != 0 {
			t.Errorf("ack: %v: %s", errno, text)
		}
	}
}

// A packet's message, attribute by attribute.
func TestPacket(t *testing.T) {
	enter(t)
	loaded(t, "")
	p := newPipe(t)
	c := open(t, protoHello).register(name("me"))
	began := time.Now()
	packet := ipv4(unix.IPPROTO_ICMP, 0, echo(8, 1, 56))
	p.inject(t, packet)
	p.inject(t, packet)
	m := c.one(msgPacket)
	a := m.attrs(t)
	if m.seq != 0 || m.port != 0 || m.flags != 0 {
		t.Errorf("header %+v; want sequence, port and flags 0", m)
	}
	if !bytes.Equal(a[attrRaw], packet) || a[attrOrigLen].number(t) != 84 || a[attrFamily].number(t) != unix.AF_INET {
		t.Errorf("family %x, length %x, bytes %x; want %x", a[attrFamily], a[attrOrigLen], a[attrRaw], packet)
	}
	if a[attrIfindex].number(t) != uint64(p.near) || string(a[attrIfname]) != "near\x00" || a[attrMark] != nil {
		t.Errorf("came in by %x %q, mark %x; want %d near and none", a[attrIfindex], a[attrIfname], a[attrMark], p.near)
	}
	if at := time.Unix(0, int64(a[attrTimestamp].number(t))); at.Before(began) || at.After(time.Now()) {
		t.Errorf("came in at %v, between %v and %v", at, began, time.Now())
	}
	next := c.one(msgPacket).attrs(t)
	if next[attrSeq].number(t) != a[attrSeq].number(t)+1 {
		t.Errorf("sequence %d follows %d", next[attrSeq].number(t), a[attrSeq].number(t))
	}
}

// A mark stays with a packet on its way over the loopback.
func TestMark(t *testing.T) {
	enter(t)
	loaded(t, "")
	c := open(t, protoHello).register()
	p := newPinger(t)
	if err := unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_MARK, 0x7001); err != nil {
		t.Fatal(err)
	}
	p.ping(t, 1, 0)
	if mark := c.one(msgPacket).attrs(t)[attrMark]; mark == nil || mark.number(t) != 0x7001 {
		t.Errorf("mark %x; want 0x7001", mark)
	}
}

// icmpv6 finds ICMPv6 behind whatever precedes it.
var icmpv6 = []struct {
	name   string
	packet []byte
	typ    int // as a filter sees it; -1: it is not in this packet
}{
	{"plain", ipv6(unix.IPPROTO_ICMPV6, echo(128, 1, 8)), 128},
	{"after hop-by-hop options", ipv6(unix.IPPROTO_HOPOPTS, append([]byte{unix.IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0}, echo(143, 2, 8)...)), 143},
	{"after destination options", ipv6(unix.IPPROTO_DSTOPTS, append([]byte{unix.IPPROTO_ICMPV6, 0, 1, 4, 0, 0, 0, 0}, echo(128, 3, 0)...)), 128},
	{"first fragment", ipv6(unix.IPPROTO_FRAGMENT, append([]byte{unix.IPPROTO_ICMPV6, 0, 0, 1, 0, 0, 0, 9}, echo(128, 4, 1192)...)), 128},
	{"later fragment", ipv6(unix.IPPROTO_FRAGMENT, append([]byte{unix.IPPROTO_ICMPV6, 0, 4, 0xb0, 0, 0, 0, 9}, make([]byte, 100)...)), -1},
	{"large", ipv6(unix.IPPROTO_ICMPV6, echo(129, 5, 7000)), 129},
	{"header only", ipv6(unix.IPPROTO_ICMPV6, nil), -1},
}

func TestICMPv6(t *testing.T) {
	enter(t)
	loaded(t, "snaplen=65531")
	p := newPipe(t)
	// The near link announces itself only to the far one, so all is ours.
	c := open(t, protoHello).roomy().register()
	for _, x := range icmpv6 {
		p.inject(t, ipv6(unix.IPPROTO_UDP, make([]byte, 16)))
		p.inject(t, ipv6(unix.IPPROTO_FRAGMENT, append([]byte{unix.IPPROTO_UDP, 0, 4, 0xb0, 0, 0, 0, 9}, make([]byte, 100)...)))
		p.inject(t, x.packet)
	}
	for _, x := range icmpv6 {
		a := c.one(msgPacket).attrs(t)
		if !bytes.Equal(a[attrRaw], x.packet) || a[attrFamily].number(t) != unix.AF_INET6 || a[attrOrigLen].number(t) != uint64(len(x.packet)) {
			t.Errorf("%s: family %x, %x bytes, packet\n%x\nwant\n%x", x.name, a[attrFamily], a[attrOrigLen], a[attrRaw], x.packet)
		}
	}
	c.empty("UDP is not of interest")
}

// Filters pick what they say, of a mixture that is the same for each.
func TestFilters(t *testing.T) {
	enter(t)
	loaded(t, "max_clients=64")
	p := newPipe(t)
	lo := newPinger(t)
	type sent struct {
		packet []byte
		link   int
		typ    int
	}
	all := []sent{}
	for _, x := range icmpv6 {
		all = append(all, sent{x.packet, p.near, x.typ})
	}
	for i, typ := range []byte{0, 3, 5, 8, 11, 8} {
		all = append(all, sent{ipv4(unix.IPPROTO_ICMP, 0, echo(typ, uint16(i), 20)), p.near, int(typ)})
	}
	all = append(all, sent{ipv4(unix.IPPROTO_ICMP, 185, make([]byte, 40)), p.near, -1})
	cases := []struct {
		name   string
		filter []byte
		link   int
		family byte
		typ    int
		socket *socket
		want   [][]byte
	}{
		{name: "none", link: p.near, filter: filter(attr32(filterIfindex, uint32(p.near))), typ: -1},
		{name: "IPv4", link: p.near, family: 4, typ: -1, filter: filter(attr8(filterFamily, unix.AF_INET), attr32(filterIfindex, uint32(p.near)))},
		{name: "IPv6", family: 6, typ: -1, filter: filter(attr8(filterFamily, unix.AF_INET6))},
		{name: "echo request", link: p.near, typ: 8, filter: filter(attr8(filterICMPType, 8), attr32(filterIfindex, uint32(p.near)))},
		{name: "echo reply is type 0", link: p.near, typ: 0, filter: filter(attr8(filterICMPType, 0), attr32(filterIfindex, uint32(p.near)))},
		{name: "IPv6 echo request", typ: 128, family: 6, filter: filter(attr8(filterICMPType, 128), attr8(filterFamily, unix.AF_INET6))},
		{name: "another link", link: 4711, typ: -1, filter: filter(attr32(filterIfindex, 4711))},
		{name: "IPv6 with a type of IPv4", family: 6, typ: 8, filter: filter(attr8(filterICMPType, 8), attr8(filterFamily, unix.AF_INET6))},
	}
	for i := range cases {
		c := &cases[i]
		c.socket = open(t, protoHello).roomy().register(c.filter, attr32(attrSnapLen, 65531))
		for _, s := range all {
			if (c.link == 0 || c.link == s.link) && (c.family == 0 || c.family == s.packet[0]>>4) && (c.typ < 0 || c.typ == s.typ) {
				c.want = append(c.want, s.packet)
			}
		}
	}
	witness := open(t, protoHello).roomy().register()
	for _, s := range all {
		lo.ping(t, 1, 0)
		p.inject(t, s.packet)
	}
	for range 3 * len(all) {
		witness.one(msgPacket)
	}
	for _, c := range cases {
		for _, want := range c.want {
			if a := c.socket.one(msgPacket).attrs(t); !bytes.Equal(a[attrRaw], want[:min(len(want), 2048)]) {
				t.Errorf("%s: %x; want %x", c.name, a[attrRaw], want)
			}
		}
		c.socket.empty(c.name + " lets no more through")
	}
}

// A client gets as many bytes as it asked for, beside one that gets all of them
// and one with the text format.
func TestSnapLen(t *testing.T) {
	enter(t)
	loaded(t, "snaplen=4000")
	p := newPipe(t)
	wishes := []uint32{1, 20, 27, 28, 100, 1024, 4000, 65531}
	var clients []*socket
	for _, n := range wishes {
		clients = append(clients, open(t, protoHello).register(attr32(attrSnapLen, n)))
	}
	text := open(t, protoHello).greeted(greetingHello)
	for _, size := range sizes {
		packet := ipv4(unix.IPPROTO_ICMP, 0, echo(8, 1, size-28))
		p.inject(t, packet)
		for i, c := range clients {
			a := c.one(msgPacket).attrs(t)
			if want := packet[:min(len(packet), int(wishes[i]), 4000)]; !bytes.Equal(a[attrRaw], want) || a[attrOrigLen].number(t) != uint64(size) {
				t.Errorf("%d bytes wanted of %d: %d came, of %d", wishes[i], size, len(a[attrRaw]), a[attrOrigLen].number(t))
			}
		}
		if got := text.text(); got != packetHex(packet) {
			t.Errorf("text of %d bytes: %s", size, got)
		}
	}
}

// refusals have the kernel's words, and the place of the attribute in the
// message where one is to blame.
var refusals = []struct {
	name   string
	typ    uint16
	body   []byte
	errno  unix.Errno
	text   string
	offset int // -1: none
}{
	{"unknown type", 0x14, nil, unix.EOPNOTSUPP, "unknown message type", -1},
	{"a type of the kernel's", msgPacket, nil, unix.EOPNOTSUPP, "unknown message type", -1},
	{"largest type", 0xffff, nil, unix.EOPNOTSUPP, "unknown message type", -1},
	{"unknown attribute", msgRegister, append(name("x"), attr32(77, 1)...), unix.EINVAL, "Unknown attribute type", 24},
	{"attribute of SET", msgRegister, attr32(attrPPS, 1), unix.EINVAL, "Unsupported attribute", 16},
	{"attribute of REGISTER", msgSet, name("x"), unix.EINVAL, "Unsupported attribute", 16},
	{"any attribute", msgGet, attr32(attrPPS, 1), unix.EINVAL, "Unsupported attribute", 16},
	{"any attribute too", msgUnregister, name("x"), unix.EINVAL, "Unsupported attribute", 16},
	{"short number", msgRegister, attr(attrSnapLen, []byte{1}), unix.EINVAL, "", 16},
	{"long number", msgRegister, attr(attrSnapLen, make([]byte, 8)), unix.EINVAL, "", 16},
	{"no bytes at all", msgRegister, attr32(attrSnapLen, 0), unix.ERANGE, "", 16},
	{"too many bytes", msgRegister, attr32(attrSnapLen, 65532), unix.ERANGE, "", 16},
	{"name without NUL", msgRegister, attr(attrText, []byte("abc")), unix.EINVAL, "", 16},
	{"name too long", msgRegister, name(strings.Repeat("x", 64)), unix.EINVAL, "", 16},
	{"filter is no nest", msgRegister, attr(attrFilter, attr8(filterFamily, 2)), unix.EINVAL, "NLA_F_NESTED is missing", 16},
	{"filter of neither family", msgRegister, filter(attr8(filterFamily, 7)), unix.EAFNOSUPPORT, "neither AF_INET nor AF_INET6", 20},
	{"unknown in the filter", msgRegister, filter(attr8(9, 7)), unix.EINVAL, "Unknown attribute type", 20},
	{"short in the filter", msgRegister, filter(attr8(filterIfindex, 7)), unix.EINVAL, "", 20},
	{"trailing bytes", msgRegister, []byte{1, 2, 3}, unix.EINVAL, "bytes leftover", -1},
	{"length beyond the message", msgRegister, []byte{200, 0, attrText, 0}, unix.EINVAL, "bytes leftover", -1},
	{"rate", msgSet, attr32(attrPPS, 1000001), unix.ERANGE, "", 16},
	{"no clients", msgSet, attr32(attrMaxClients, 0), unix.ERANGE, "", 16},
	{"too many clients", msgSet, attr32(attrMaxClients, 1025), unix.ERANGE, "", 16},
	{"no burst", msgSet, attr32(attrBurst, 0), unix.ERANGE, "", 16},
	{"no queue", msgSet, attr32(attrQueueLen, 0), unix.ERANGE, "", 16},
	{"no memory for the queue", msgSet, attr32(attrQueueBytes, 0), unix.ERANGE, "", 16},
	{"too much for the queue", msgSet, attr32(attrQueueBytes, 1<<30+1), unix.ERANGE, "", 16},
	{"not registered", msgUnregister, nil, unix.ENOENT, "not registered", -1},
}

func TestRefusals(t *testing.T) {
	enter(t)
	loaded(t, "")
	s := open(t, protoHello)
	before := s.info()
	for _, c := range refusals {
		s.ask(c.typ, unix.NLM_F_ACK, 3, c.body)
		errno, text, offset := s.ack()
		if errno != c.errno || !strings.Contains(text, c.text) || offset != c.offset {
			t.Errorf("%s: %v, %q at %d; want %v, %q at %d", c.name, errno, text, offset, c.errno, c.text, c.offset)
		}
	}
	after := s.info()
	for _, typ := range []uint16{attrClients, attrSnapLen, attrMaxClients, attrQueueLen, attrQueueBytes, attrPPS, attrBurst} {
		if !bytes.Equal(before[typ], after[typ]) {
			t.Errorf("a refused request changed attribute %d from %x to %x", typ, before[typ], after[typ])
		}
	}
}

// info asks for limits and counters.
func (s *socket) info() map[uint16]value {
	s.t.Helper()
	s.ask(msgGet, 0, 21)
	m := s.one(msgInfo)
	if m.seq != 21 || m.port != s.port {
		s.t.Fatalf("answer %+v to sequence 21", m)
	}
	return m.attrs(s.t)
}

// dump asks for the clients.
func (s *socket) dump() (clients []map[uint16]value, datagrams int) {
	s.t.Helper()
	s.ask(msgGet, unix.NLM_F_DUMP, 22)
	for {
		datagrams++
		for _, m := range s.receive() {
			if m.typ == unix.NLMSG_DONE {
				return clients, datagrams
			}
			if m.typ != msgInfo || m.flags != unix.NLM_F_MULTI || m.seq != 22 {
				s.t.Fatalf("in the dump: %+v", m)
			}
			clients = append(clients, m.attrs(s.t))
		}
	}
}

func TestGet(t *testing.T) {
	enter(t)
	loaded(t, "max_clients=500 queue_len=300 queue_bytes=70000 snaplen=3000 pps=400 burst=20")
	s := open(t, protoBye)
	a := s.info()
	for typ, want := range map[uint16]uint64{attrVersion: 1, attrSide: 1, attrClients: 0, attrMaxClients: 500, attrQueueLen: 300, attrQueueBytes: 70000, attrSnapLen: 3000, attrPPS: 400, attrBurst: 20} {
		if got := a[typ].number(t); got != want {
			t.Errorf("attribute %d is %d; want %d", typ, got, want)
		}
	}
	if list, _ := s.dump(); len(list) != 0 {
		t.Errorf("a dump without clients has %d", len(list))
	}
	var ports []uint64
	for i := range 200 { // more than one datagram of a dump holds
		c := open(t, protoBye).register(name(fmt.Sprint("client ", i)), attr32(attrSnapLen, uint32(i+1)), filter(attr8(filterICMPType, byte(i))))
		ports = append(ports, uint64(c.port))
	}
	list, datagrams := s.dump()
	if len(list) != 200 || datagrams < 2 {
		t.Fatalf("the dump has %d clients in %d datagrams", len(list), datagrams)
	}
	for i, c := range list {
		f := attributes(t, c[attrFilter])
		if c[attrPortID].number(t) != ports[i] || c[attrText].text() != fmt.Sprint("client ", i) || c[attrSnapLen].number(t) != uint64(i+1) ||
			f[filterICMPType].number(t) != uint64(byte(i)) || f[filterFamily] != nil || c[attrDrops].number(t) != 0 {
			t.Errorf("client %d: %v, filter %v", i, c, f)
		}
	}
	newPinger(t).ping(t, 1, 0)
	until(t, "request and reply to be counted", func() bool { return attributes(t, s.info()[attrStats])[statSeen].number(t) == 2 })
}

func TestRegisterAgain(t *testing.T) {
	enter(t)
	loaded(t, "")
	p := newPinger(t)
	c := open(t, protoHello).register(name("first"), filter(attr8(filterICMPType, 0)))
	p.ping(t, 1, 4)
	if a := c.one(msgPacket).attrs(t); a[attrRaw][20] != 0 {
		t.Errorf("the filter lets through %x", a[attrRaw])
	}
	c.register(name("second"), attr32(attrSnapLen, 21), filter(attr8(filterICMPType, 8)))
	p.ping(t, 1, 4)
	if a := c.one(msgPacket).attrs(t); a[attrRaw][20] != 8 || len(a[attrRaw]) != 21 {
		t.Errorf("the second filter lets through %x", a[attrRaw])
	}
	if list, _ := open(t, protoHello).dump(); len(list) != 1 || list[0][attrText].text() != "second" {
		t.Errorf("clients %v; want the second only", list)
	}
	c.done(msgUnregister)
	witness := open(t, protoHello).register(filter(attr8(filterICMPType, 0)))
	p.ping(t, 2, 4)
	witness.one(msgPacket)
	c.empty("it has unregistered")
	// From one format to the other and back.
	c.greeted(greetingHello)
	p.ping(t, 3, 4)
	c.text()
	c.text()
	c.register()
	p.ping(t, 3, 4)
	c.one(msgPacket)
}

// The groups tell of clients, limits and packets to any number of listeners.
func TestGroups(t *testing.T) {
	enter(t)
	loaded(t, "")
	p := newPinger(t)
	events, packets := open(t, protoHello).join(groupEvents), []*socket{open(t, protoHello).join(groupPackets), open(t, protoHello).join(groupPackets)}
	c := open(t, protoHello).register(name("me"))
	if a := events.one(msgRegister).attrs(t); a[attrText].text() != "me" || a[attrPortID].number(t) != uint64(c.port) {
		t.Errorf("event %v; want REGISTER of port %d", a, c.port)
	}
	p.ping(t, 1, 56)
	for range 2 {
		m := c.one(msgPacket)
		for i, s := range packets {
			if got := s.one(msgPacket); !slices.Equal(got.body, m.body) {
				t.Errorf("listener %d got %x; the client %x", i, got.body, m.body)
			}
		}
	}
	c.done(msgSet, attr32(attrPPS, 5000))
	if a := events.one(msgSet).attrs(t); a[attrPPS].number(t) != 5000 {
		t.Errorf("event %v; want SET of 5000", a)
	}
	port := c.port
	c.close()
	if a := events.one(msgUnregister).attrs(t); a[attrPortID].number(t) != uint64(port) {
		t.Errorf("event %v; want UNREGISTER of port %d", a, port)
	}
	events.empty("nothing else happened")
}

// Without capability only questions are answered.
func TestUnprivileged(t *testing.T) {
	enter(t)
	loaded(t, "")
	<-beside(t, func() {
		if _, _, errno := unix.RawSyscall(setresuid, 1000, 1000, 1000); errno != 0 {
			t.Errorf("setresuid: %v", errno)
			return
		}
		s := open(t, protoHello)
		s.done(unix.NLMSG_NOOP)
		s.info()
		s.dump()
		for _, typ := range []uint16{msgRegister, msgUnregister, msgSet} {
			s.ask(typ, unix.NLM_F_ACK, 3, attr32(77, 1)) // not even looked at
			if errno, text, _ := s.ack(); errno != unix.EPERM || text != "CAP_NET_ADMIN needed" && !strings.HasSuffix(text, ": CAP_NET_ADMIN needed") {
				t.Errorf("request %#x: %v: %q; want EPERM", typ, errno, text)
			}
		}
		for _, group := range []int{groupPackets, groupEvents} {
			if err := unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, group); err != unix.EPERM {
				t.Errorf("join group %d: %v; want EPERM", group, err)
			}
		}
		s.say("let me in")
		s.empty("it is not greeted")
	})
	if n := stat(t, "hello", "clients"); n != 0 {
		t.Errorf("%d clients; want none", n)
	}
	if n := stat(t, "hello", "refused"); n != 4 {
		t.Errorf("%d refused; want 4", n)
	}
}
