package routefile

import (
	"cmp"
	"encoding/binary"
	"net/netip"

	"bootlink/nlcore"
)

// ipv6Metric is what the kernel makes of metric 0 (IP6_RT_PRIO_USER).
const ipv6Metric = 1024

// An ID is what the kernel takes for the identity of a route in a table.
type ID struct {
	To     netip.Prefix
	Metric uint32
}

// The functions below are what both kinds of records have in common. A type
// switch on a pointer costs a comparison; an interface would allocate.

// order is the kernel's order of dumps: 0 means the same identity. IPv4 comes
// by address, the longest of equal prefixes first, then the highest TOS
// (fib_table_dump); IPv6 with what a prefix contains before the prefix itself
// (fib6_walk). Both end with the metric.
func order[R nlcore.RouteRecord](a, b *R) int {
	switch a := any(a).(type) {
	case *nlcore.Route4:
		return order4(a, any(b).(*nlcore.Route4))
	case *nlcore.Route6:
		return order6(a, any(b).(*nlcore.Route6))
	}
	return 0
}

func order4(a, b *nlcore.Route4) int {
	if a.Dst != b.Dst {
		return cmp.Compare(a.Dst, b.Dst)
	}
	return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(b.TOS, a.TOS), cmp.Compare(a.Metric, b.Metric))
}

func order6(a, b *nlcore.Route6) int {
	aHigh, aLow := lastOf(a)
	bHigh, bLow := lastOf(b)
	if aHigh != bHigh {
		return cmp.Compare(aHigh, bHigh)
	}
	if aLow != bLow {
		return cmp.Compare(aLow, bLow)
	}
	return cmp.Or(cmp.Compare(b.Bits, a.Bits), cmp.Compare(a.Metric, b.Metric))
}

// lastOf gives the last address of a prefix.
func lastOf(r *nlcore.Route6) (high, low uint64) {
	high, low = maskWords(r.Bits)
	return binary.BigEndian.Uint64(r.Dst[:]) | ^high, binary.BigEndian.Uint64(r.Dst[8:]) | ^low
}

// devOf gives the place of a record's link.
func devOf[R nlcore.RouteRecord](r *R) *uint32 {
	if r, ok := any(r).(*nlcore.Route4); ok {
		return &r.Dev
	}
	return &any(r).(*nlcore.Route6).Dev
}

// direct tells whether a route needs no other one: it has no gateway.
func direct[R nlcore.RouteRecord](r *R) bool {
	if r, ok := any(r).(*nlcore.Route4); ok {
		return r.Via == 0
	}
	return any(r).(*nlcore.Route6).Via == [16]byte{}
}

func typeOf[R nlcore.RouteRecord](r *R) uint8 {
	if r, ok := any(r).(*nlcore.Route4); ok {
		return r.Type
	}
	return any(r).(*nlcore.Route6).Type
}

// gateway gives the invalid address for none.
func gateway[R nlcore.RouteRecord](r *R) netip.Addr {
	switch r := any(r).(type) {
	case *nlcore.Route4:
		if r.Via != 0 {
			return netip.AddrFrom4([4]byte{byte(r.Via >> 24), byte(r.Via >> 16), byte(r.Via >> 8), byte(r.Via)})
		}
	case *nlcore.Route6:
		if r.Via != [16]byte{} {
			return netip.AddrFrom16(r.Via)
		}
	}
	return netip.Addr{}
}

// identity gives that of a record without TOS.
func identity[R nlcore.RouteRecord](r *R) ID {
	if r, ok := any(r).(*nlcore.Route4); ok {
		return ID{r.Prefix(), r.Metric}
	}
	six := any(r).(*nlcore.Route6)
	return ID{six.Prefix(), six.Metric}
}
