package kmod

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"bootlink/nlcore/ip"

	"golang.org/x/sys/unix"
)

// A Packet is what the kernel reported of an ICMP packet.
type Packet struct {
	Raw       []byte    // from the IP header on, perhaps not to the end; the caller's own
	Length    uint32    // bytes that the packet had from the IP header on
	Time      time.Time // when it came in
	Interface string    // where it came in
	IfIndex   uint32    // the same, as a number
	Mark      uint32    // SO_MARK or netfilter's; 0: none
	Seq       uint64    // counts the ICMP packets of the side in its network namespace
}

// Hex gives the bytes.
func (p Packet) Hex() string { return hex.EncodeToString(p.Raw) }

const (
	ipv4Header = 20
	ipv6Header = 40
	icmpHeader = 8
)

// String gives one readable line:
// "192.168.10.2 > 203.0.113.1: icmp echo request, id 7, seq 1, ttl 64, length 84".
func (p Packet) String() string {
	b := p.Raw
	var line string
	var total int
	switch {
	case len(b) >= ipv4Header && b[0]>>4 == 4:
		line, total = ipv4(b)
	case len(b) >= ipv6Header && b[0]>>4 == 6:
		line, total = ipv6(b)
	default:
		return fmt.Sprintf("not an IP packet, or too little of it: %x", b[:min(len(b), ipv6Header)])
	}
	if len(b) < total {
		line += fmt.Sprintf(" (first %d bytes reported)", len(b))
	}
	return line
}

// ipv4 describes a packet of RFC 791 of which there is the fixed header.
func ipv4(b []byte) (line string, total int) {
	total = int(binary.BigEndian.Uint16(b[2:]))
	part := payload{protocol: b[9], at: int(b[0]&15) * 4, fragment: int(binary.BigEndian.Uint16(b[6:])&0x1fff) * 8}
	src, dst := ip.Addr(b[12:16]), ip.Addr(b[16:20])
	return fmt.Sprintf("%s > %s: %s, ttl %d, length %d", src, dst, part.describe(b, ipv4Header), b[8], total), total
}

// ipv6 describes a packet of RFC 8200 of which there is the fixed header.
func ipv6(b []byte) (line string, total int) {
	total = ipv6Header + int(binary.BigEndian.Uint16(b[4:]))
	src, dst := ip.Addr(b[8:24]), ip.Addr(b[24:40])
	return fmt.Sprintf("%s > %s: %s, hlim %d, length %d", src, dst, extended(b).describe(b, ipv6Header), b[7], total), total
}

// A payload is where an IP packet's headers lead to.
type payload struct {
	protocol byte
	at       int // byte in the packet, perhaps beyond what is there
	fragment int // byte of the whole payload that it begins with
}

// extended walks the extension headers that are there.
func extended(b []byte) payload {
	p := payload{protocol: b[6], at: ipv6Header}
	for len(b) >= p.at+8 && p.fragment == 0 {
		next, length := b[p.at], 8+int(b[p.at+1])*8
		switch p.protocol {
		case unix.IPPROTO_HOPOPTS, unix.IPPROTO_ROUTING, unix.IPPROTO_DSTOPTS:
		case unix.IPPROTO_FRAGMENT:
			length, p.fragment = 8, int(binary.BigEndian.Uint16(b[p.at+2:])&0xfff8)
		default:
			return p
		}
		p.protocol, p.at = next, p.at+length
	}
	return p
}

func (p payload) describe(b []byte, header int) string {
	family := familyOf(p.protocol)
	switch {
	case family == nil:
		return fmt.Sprintf("protocol %d", p.protocol)
	case p.fragment > 0:
		return fmt.Sprintf("%s fragment at byte %d", family.name, p.fragment)
	case p.at < header || len(b) < p.at+icmpHeader:
		return family.name + ", cut short"
	}
	return family.describe(b[p.at:])
}
