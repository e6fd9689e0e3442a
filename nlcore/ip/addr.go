// Package ip has IP addresses and prefixes as values.
//
// It reads and writes the texts of package net/netip, short of zones, and is
// tested against it. Addresses are strings here, which makes them small where
// they are used, too: that package costs 20 KB of the binary more.
//
// An IPv4 address in IPv6's notation, ::ffff:192.0.2.1, is an IPv6 address until
// [Addr.Unmap] makes an IPv4 address of it.
package ip

// An Addr is the 4 bytes of an IPv4 address or the 16 of an IPv6 address, in
// network byte order; "" is no address. Addresses can be compared by ==.
type Addr string

// The lengths of addresses, in bytes.
const (
	length4 = 4
	length6 = 16
)

// unspecified is the address ::, and mapped is what IPv4 addresses begin with in
// IPv6's notation.
const (
	unspecified = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	mapped      = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"
)

// FromBytes makes an IPv4 address of 4 bytes, and an IPv6 address of 16.
func FromBytes(b []byte) (a Addr, ok bool) {
	if len(b) != length4 && len(b) != length6 {
		return "", false
	}
	return Addr(b), true
}

// Bytes gives a copy of the address's bytes.
func (a Addr) Bytes() []byte { return []byte(a) }

// Bits gives how many bits the address has: 32, 128, or 0 if there is none.
func (a Addr) Bits() int { return len(a) * 8 }

// Is4 tells an IPv4 address.
func (a Addr) Is4() bool { return len(a) == length4 }

// Is6 tells an IPv6 address.
func (a Addr) Is6() bool { return len(a) == length6 }

func (a Addr) isMapped() bool { return a.Is6() && a[:len(mapped)] == mapped }

// Unmap makes an IPv4 address of one in IPv6's notation.
func (a Addr) Unmap() Addr {
	if a.isMapped() {
		return a[len(mapped):]
	}
	return a
}

// IsUnspecified tells 0.0.0.0 and ::.
func (a Addr) IsUnspecified() bool { return a != "" && string(a) == unspecified[:len(a)] }

// IsLoopback tells 127.0.0.0/8 and ::1.
func (a Addr) IsLoopback() bool {
	a = a.Unmap()
	return a.Is4() && a[0] == 127 || string(a) == unspecified[1:]+"\x01"
}

// IsMulticast tells 224.0.0.0/4 and ff00::/8.
func (a Addr) IsMulticast() bool {
	a = a.Unmap()
	return a.Is4() && a[0]>>4 == 0xe || a.Is6() && a[0] == 0xff
}

// masked clears all bits but the first.
func (a Addr) masked(bits int) Addr {
	b := []byte(a)
	for i := range b {
		if keep := bits - 8*i; keep < 8 {
			b[i] &^= 0xff >> max(keep, 0)
		}
	}
	return Addr(b)
}
