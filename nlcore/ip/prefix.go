package ip

import "strconv"

// A Prefix is an address and, in one more byte, the length of its prefix in
// bits; "" is none. Prefixes can be compared by ==; the bits behind the length
// count.
type Prefix string

// PrefixFrom makes a prefix; it is "" if the address has no such length.
func PrefixFrom(a Addr, bits int) Prefix {
	if a == "" || bits < 0 || bits > a.Bits() {
		return ""
	}
	var b [length6 + 1]byte
	b[copy(b[:], a)] = byte(bits)
	return Prefix(b[:len(a)+1])
}

// Addr gives the address, with all of its bits.
func (p Prefix) Addr() Addr { return Addr(p[:max(len(p)-1, 0)]) }

// Bits gives the length, -1 if there is no prefix.
func (p Prefix) Bits() int {
	if p == "" {
		return -1
	}
	return int(p[len(p)-1])
}

// Masked clears the bits behind the length.
func (p Prefix) Masked() Prefix { return PrefixFrom(p.Addr().masked(p.Bits()), p.Bits()) }

// Contains tells whether an address is of the prefix.
func (p Prefix) Contains(a Addr) bool {
	if len(p) != len(a)+1 {
		return false
	}
	for i, bits := 0, p.Bits(); bits > 0; i, bits = i+1, bits-8 {
		if (p[i]^a[i])>>max(8-bits, 0) != 0 {
			return false
		}
	}
	return true
}

// String gives "192.0.2.1/24".
func (p Prefix) String() string {
	if p == "" {
		return "invalid Prefix"
	}
	return p.Addr().String() + "/" + strconv.Itoa(p.Bits())
}
