package main

import (
	"encoding/binary"
	"net"

	"golang.org/x/sys/unix"
)

// echoRequestType is ICMP's, RFC 792.
const echoRequestType = 8

// The smallest packet is an IPv4 header and that of ICMP.
const (
	ipv4Header = 20
	icmpHeader = 8
)

// echoRequest is a frame with an echo request from near to far of so many bytes
// from the IP header on.
func echoRequest(size int) ([]byte, error) {
	var frame []byte
	for _, text := range []string{farMAC, nearMAC} {
		mac, err := net.ParseMAC(text)
		if err != nil {
			return nil, err
		}
		frame = append(frame, mac...)
	}
	frame = binary.BigEndian.AppendUint16(frame, unix.ETH_P_IP)
	return append(frame, ipv4(echo(size-ipv4Header))...), nil
}

func ipv4(payload []byte) []byte {
	b := make([]byte, ipv4Header, ipv4Header+len(payload))
	b[0], b[8], b[9] = 0x45, 64, unix.IPPROTO_ICMP
	binary.BigEndian.PutUint16(b[2:], uint16(ipv4Header+len(payload)))
	copy(b[12:], []byte{192, 0, 2, 1, 192, 0, 2, 2})
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	return append(b, payload...)
}

func echo(size int) []byte {
	b := make([]byte, size)
	b[0] = echoRequestType
	for i := icmpHeader; i < len(b); i++ {
		b[i] = byte(i)
	}
	binary.BigEndian.PutUint16(b[2:], checksum(b))
	return b
}

// checksum is RFC 1071's.
func checksum(b []byte) uint16 {
	var sum uint32
	for i, c := range b {
		sum += uint32(c) << (8 * (1 - i&1))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
