package ip

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// ParseAddr reads an address without zone.
func ParseAddr(text string) (Addr, error) {
	if a, ok := parse([]byte(text)); ok {
		return a, nil
	}
	return "", fmt.Errorf("%q is no IP address", text)
}

// ParsePrefix reads an address and the length of its prefix.
func ParsePrefix(text string) (p Prefix, err error) {
	if at := strings.IndexByte(text, '/'); at >= 0 {
		if a, ok := parse([]byte(text[:at])); ok {
			p = PrefixFrom(a, length(text[at+1:]))
		}
	}
	if p == "" {
		return "", fmt.Errorf("%q is no IP prefix", text)
	}
	return p, nil
}

// length reads digits without leading zeros; -1 is a text that is longer than
// any length, or something else.
func length(text string) int {
	if text == "" || len(text) > 3 || len(text) > 1 && text[0] == '0' {
		return -1
	}
	n := 0
	for _, c := range []byte(text) {
		if c -= '0'; c > 9 {
			return -1
		}
		n = n*10 + int(c)
	}
	return n
}

func parse(b []byte) (Addr, bool) {
	switch Family(b) {
	case '.':
		var a [length4]byte
		four, ok := Parse4(b)
		binary.BigEndian.PutUint32(a[:], four)
		return Addr(a[:]), ok
	case ':':
		six, ok := Parse6(b)
		return Addr(six[:]), ok
	}
	return "", false
}

// Family gives what separates an address's parts: a dot in an IPv4 address, a
// colon in an IPv6 address, 0 in what cannot be one.
func Family(b []byte) byte {
	for _, c := range b {
		if c == '.' || c == ':' {
			return c
		}
	}
	return 0
}

// Parse4 reads a.b.c.d, without leading zeros, in host byte order.
func Parse4(b []byte) (addr uint32, ok bool) {
	octet, digits, dots := uint32(0), 0, 0
	for _, c := range b {
		if c == '.' {
			if digits == 0 || dots == 3 {
				return 0, false
			}
			addr, octet, digits = addr<<8|octet, 0, 0
			dots++
			continue
		}
		d := uint32(c - '0')
		if d > 9 || digits > 0 && octet == 0 {
			return 0, false
		}
		if octet = octet*10 + d; octet > 255 {
			return 0, false
		}
		digits++
	}
	return addr<<8 | octet, dots == 3 && digits > 0
}

// Parse6 reads the text forms of RFC 4291, in network byte order.
func Parse6(b []byte) (a [16]byte, ok bool) {
	n, gap := 0, -1 // bytes of a that are filled; where "::" stands for zeros
	if len(b) >= 2 && b[0] == ':' && b[1] == ':' {
		gap, b = 0, b[2:]
	}
	for n < 16 && len(b) > 0 {
		v, digits := group(b)
		if digits == 0 || digits > 4 {
			return a, false
		}
		if digits < len(b) && b[digits] == '.' {
			four, ok := Parse4(b)
			if !ok || n > 12 || gap < 0 && n != 12 {
				return a, false
			}
			binary.BigEndian.PutUint32(a[n:], four)
			n, b = n+4, nil
			break
		}
		binary.BigEndian.PutUint16(a[n:], v)
		n, b = n+2, b[digits:]
		if len(b) == 0 {
			break
		}
		if b[0] != ':' || len(b) == 1 {
			return a, false
		}
		if b = b[1:]; b[0] == ':' {
			if gap >= 0 {
				return a, false
			}
			gap, b = n, b[1:]
		}
	}
	if len(b) > 0 || (n == 16) != (gap < 0) {
		return a, false
	}
	if gap >= 0 {
		copy(a[16-(n-gap):], a[gap:n])
		clear(a[gap : 16-(n-gap)])
	}
	return a, true
}

// group reads hexadecimal digits; more than four are too many.
func group(b []byte) (v uint16, digits int) {
	for digits < len(b) && digits < 5 {
		c := b[digits]
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return v, digits
		}
		v = v<<4 | uint16(c)
		digits++
	}
	return v, digits
}
