package routefile

import "bootlink/nlcore/ip"

// An address is one of a line.
type address struct {
	words
	six bool
}

// String gives the address as text; only errors need it.
func (a *address) String() string { return a.addr(a.six).String() }

// prefix gives the address with a prefix length.
func (a *address) prefix(bits uint8) ip.Prefix { return ip.PrefixFrom(a.addr(a.six), int(bits)) }

// linkLocal tells whether it is of fe80::/10.
func (a *address) linkLocal() bool { return a.six && a.high>>54 == 0xfe80>>6 }

// parseAddress reads what ip.ParseAddr reads, without making a string
// of it.
func parseAddress(b []byte) (a address, ok bool) {
	switch ip.Family(b) {
	case '.':
		four, ok := ip.Parse4(b)
		a.high = uint64(four) << 32
		return a, ok
	case ':':
		six, ok := ip.Parse6(b)
		return address{wordsOf(six[:]), true}, ok
	}
	return a, false
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
