// Package pcap writes capture files for tcpdump, Wireshark and tshark, with
// times in nanoseconds, and gathers what they hold of netlink.
//
// The format: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html.
// Numbers are in host byte order, which the magic shows; so are netlink messages.
package pcap

import (
	"encoding/binary"
	"time"
)

// Link types: what a record begins with.
const (
	Raw     = 101 // an IPv4 or IPv6 header
	Netlink = 253 // the cooked header of nlmon(4)
)

// Longest is how many bytes of a packet a file of ours holds at most.
const Longest = 1 << 20

const magic = 0xa1b23c4d // times in nanoseconds

// Header gives what a file begins with.
func Header(linkType uint32) []byte {
	b := appendWords(nil, magic, 0, 0, 0, Longest, linkType)
	binary.NativeEndian.PutUint16(b[4:], 2) // the version's two halves
	binary.NativeEndian.PutUint16(b[6:], 4)
	return b
}

// AppendRecord appends what stands before a packet: when it was, how many of its
// bytes follow, and how many it had.
func AppendRecord(b []byte, at time.Time, captured, length int) []byte {
	return appendWords(b, uint32(at.Unix()), uint32(at.Nanosecond()), uint32(captured), uint32(length))
}

func appendWords(b []byte, words ...uint32) []byte {
	for _, w := range words {
		b = binary.NativeEndian.AppendUint32(b, w)
	}
	return b
}
