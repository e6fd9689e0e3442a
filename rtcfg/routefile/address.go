package routefile

import (
	"encoding/binary"
	"net/netip"
)

// An address is one of a line.
type address struct {
	words
	six bool
}

// String gives the address as text; only errors need it.
func (a *address) String() string { return a.addr(a.six).String() }

// prefix gives the address with a prefix length.
func (a *address) prefix(bits uint8) netip.Prefix { return netip.PrefixFrom(a.addr(a.six), int(bits)) }

// linkLocal tells whether it is of fe80::/10.
func (a *address) linkLocal() bool { return a.six && a.high>>54 == 0xfe80>>6 }

// parseAddress reads what netip.ParseAddr reads, without zones and without
// making a string of it.
func parseAddress(b []byte) (a address, ok bool) {
	for _, c := range b {
		switch c {
		case '.':
			four, ok := parse4(b)
			a.high = uint64(four) << 32
			return a, ok
		case ':':
			six, ok := parse6(b)
			return address{wordsOf(six[:]), true}, ok
		}
	}
	return a, false
}

// parse4 reads a.b.c.d, without leading zeros, in host byte order.
func parse4(b []byte) (addr uint32, ok bool) {
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

// parse6 reads the text forms of RFC 4291, in network byte order.
func parse6(b []byte) (a [16]byte, ok bool) {
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
			four, ok := parse4(b)
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

// parsePrefix reads an address, or a prefix with its length.
func parsePrefix(b []byte) (a address, bits uint8, ok bool) {
	text, length := b, []byte(nil)
	for i, c := range b {
		if c == '/' {
			text, length = b[:i], b[i+1:]
			break
		}
	}
	if a, ok = parseAddress(text); !ok {
		return a, 0, false
	}
	bits = a.length()
	if len(text) == len(b) {
		return a, bits, true
	}
	n, ok := parseNumber(length)
	return a, uint8(n), ok && n <= uint32(bits)
}

// length is that of an address, in bits.
func (a *address) length() uint8 {
	if a.six {
		return 128
	}
	return 32
}

// parseNumber reads decimal digits without leading zeros.
func parseNumber(b []byte) (n uint32, ok bool) {
	if len(b) == 0 || len(b) > 1 && b[0] == '0' {
		return 0, false
	}
	var v uint64
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		if v = v*10 + uint64(c); v > 1<<32-1 {
			return 0, false
		}
	}
	return uint32(v), true
}
