package kmod

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// A Packet is the front part of an IPv4 packet, header first: what the kernel
// reported of it.
type Packet []byte

// Hex gives the bytes as the kernel sent them.
func (p Packet) Hex() string { return hex.EncodeToString(p) }

const ipv4Header = 20

// String gives one readable line:
// "192.168.10.2 > 203.0.113.1: icmp echo request, id 7, seq 1, ttl 64, length 84".
func (p Packet) String() string {
	if len(p) < ipv4Header || p[0]>>4 != 4 {
		return fmt.Sprintf("not an IPv4 packet: %x", []byte(p[:min(len(p), 24)]))
	}
	header, total := int(p[0]&15)*4, int(binary.BigEndian.Uint16(p[2:]))
	src, dst := netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20]))
	line := fmt.Sprintf("%s > %s: %s, ttl %d, length %d", src, dst, p.body(header), p[8], total)
	if len(p) < total {
		line += fmt.Sprintf(" (first %d bytes reported)", len(p))
	}
	return line
}

// body describes what follows the IP header.
func (p Packet) body(header int) string {
	offset := int(binary.BigEndian.Uint16(p[6:])&0x1fff) * 8
	switch {
	case p[9] != unix.IPPROTO_ICMP:
		return fmt.Sprintf("protocol %d", p[9])
	case offset > 0:
		return fmt.Sprintf("icmp fragment at byte %d", offset)
	case header < ipv4Header || len(p) < header+8:
		return "icmp, cut short"
	}
	return icmp(p[header:])
}

// icmpNames are the types of RFC 792 and its successors that routers meet.
var icmpNames = map[byte]string{
	0: "echo reply", 3: "destination unreachable", 4: "source quench", 5: "redirect", 8: "echo request",
	9: "router advertisement", 10: "router solicitation", 11: "time exceeded", 12: "parameter problem",
	13: "timestamp request", 14: "timestamp reply", 42: "extended echo request", 43: "extended echo reply",
}

// icmp describes an ICMP header of at least 8 bytes.
func icmp(b []byte) string {
	name, known := icmpNames[b[0]]
	if !known {
		name = fmt.Sprintf("type %d", b[0])
	}
	switch b[0] {
	case 0, 8, 13, 14:
		return fmt.Sprintf("icmp %s, id %d, seq %d", name, binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:]))
	}
	return fmt.Sprintf("icmp %s, code %d", name, b[1])
}
