package routefile

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"bootlink/nlcore"
	"bootlink/nlcore/ip"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// ipv6Metric is what the kernel makes of metric 0 (IP6_RT_PRIO_USER).
const ipv6Metric = 1024

// An ID is what the kernel takes for the identity of a route in a table.
type ID struct {
	To     ip.Prefix
	Metric uint32
}

// A route is one of either family in passing; many are kept in a [list].
type route struct {
	to, via    words // via is 0 for none
	dev        uint32
	metric     uint32
	bits, tos  uint8
	typ, scope uint8 // RTN_*, RT_SCOPE_*; IPv6 has no scope
	six        bool
}

// compareRoutes has the kernel's order of dumps: 0 means the same identity. IPv4 comes
// by address, the longest of equal prefixes first, then the highest TOS
// (fib_table_dump); IPv6 with what a prefix contains before the prefix itself
// (fib6_walk). Both end with the metric.
func compareRoutes(a, b *route) int {
	x, y := a.to, b.to
	if a.six {
		x, y = x.last(a.bits), y.last(b.bits)
	}
	switch {
	case x.high != y.high:
		return cmp.Compare(x.high, y.high)
	case x.low != y.low:
		return cmp.Compare(x.low, y.low)
	case a.bits != b.bits:
		return int(b.bits) - int(a.bits)
	case a.tos != b.tos:
		return int(b.tos) - int(a.tos)
	}
	return cmp.Compare(a.metric, b.metric)
}

// direct tells whether a route needs no other one: it has no gateway.
func (r *route) direct() bool { return r.via == words{} }

func (r *route) family() uint8 {
	if r.six {
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// id gives the identity, without TOS.
func (r *route) id() ID { return ID{ip.PrefixFrom(r.to.addr(r.six), int(r.bits)), r.metric} }

// describe gives the route in the words of a file.
func (r *route) describe(dev string) string {
	text := ""
	for _, w := range types {
		if w.value == r.typ && r.typ != unix.RTN_UNICAST {
			text = w.name + " "
		}
	}
	text += r.id().To.String()
	if !r.direct() {
		text += " via " + r.via.addr(r.six).String()
	}
	if dev != "" {
		text += " dev " + dev
	}
	return text + fmt.Sprintf(" metric %d", r.metric)
}

// record4 gives the record of an IPv4 route.
func (r *route) record4() nlcore.Route4 {
	return nlcore.Route4{Dst: r.to.four(), Via: r.via.four(), Dev: r.dev, Metric: r.metric, Bits: r.bits, TOS: r.tos, Type: r.typ, Scope: r.scope}
}

// record6 gives the record of an IPv6 route.
func (r *route) record6() nlcore.Route6 {
	return nlcore.Route6{Dst: r.to.bytes(), Via: r.via.bytes(), Dev: r.dev, Metric: r.metric, Bits: r.bits, TOS: r.tos, Type: r.typ}
}

// addRoutes is [nlcore.AddRoutes] for what next gives, all of one family.
func addRoutes(ctx until.Context, conn *nlcore.Conn, s nlcore.RouteSet, six, replace bool, next func(*route) bool) error {
	r := new(route)
	if six {
		return nlcore.AddRoutes(ctx, conn, s, replace, func() (nlcore.Route6, bool) {
			more := next(r)
			return r.record6(), more
		})
	}
	return nlcore.AddRoutes(ctx, conn, s, replace, func() (nlcore.Route4, bool) {
		more := next(r)
		return r.record4(), more
	})
}

// delRoutes is [nlcore.DelRoutes], all of one family.
func delRoutes(ctx until.Context, conn *nlcore.Conn, s nlcore.RouteSet, six bool, n int, at func(int, *route)) error {
	r := new(route)
	if six {
		return nlcore.DelRoutes(ctx, conn, s, n, func(i int) nlcore.Route6 {
			at(i, r)
			return r.record6()
		})
	}
	return nlcore.DelRoutes(ctx, conn, s, n, func(i int) nlcore.Route4 {
		at(i, r)
		return r.record4()
	})
}

// body gives the message that makes the route, without its header.
func (r *route) body(s nlcore.RouteSet) []byte {
	header := [unix.SizeofRtMsg]byte{0: r.family(), 1: r.bits, 3: r.tos, 5: s.Protocol, 6: r.scope, 7: r.typ}
	w := nlcore.NewAttrWriter(header[:])
	w.U32(unix.RTA_TABLE, s.Table)
	w.Raw(unix.RTA_DST, r.to.addr(r.six).Bytes())
	w.U32(unix.RTA_PRIORITY, r.metric)
	if !r.direct() {
		w.Raw(unix.RTA_GATEWAY, r.via.addr(r.six).Bytes())
	}
	if r.dev != 0 {
		w.U32(unix.RTA_OIF, r.dev)
	}
	return w.Bytes()
}

// words are an address as two numbers, so that both families are compared
// alike: an IPv4 address is the upper half of high.
type words struct{ high, low uint64 }

func wordsOf(b []byte) words {
	if len(b) == 4 {
		return words{high: uint64(binary.BigEndian.Uint32(b)) << 32}
	}
	return words{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

func (w words) four() uint32 { return uint32(w.high >> 32) }

func (w words) bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:], w.high)
	binary.BigEndian.PutUint64(b[8:], w.low)
	return b
}

func (w words) addr(six bool) ip.Addr {
	b := w.bytes()
	if six {
		return ip.Addr(b[:])
	}
	return ip.Addr(b[:4])
}

// mask gives a netmask.
func mask(bits uint8) words {
	if bits <= 64 {
		return words{high: ^uint64(0) << (64 - bits)}
	}
	return words{^uint64(0), ^uint64(0) << (128 - bits)}
}

func (w words) masked(bits uint8) words {
	m := mask(bits)
	return words{w.high & m.high, w.low & m.low}
}

// last gives the last address of an IPv6 prefix.
func (w words) last(bits uint8) words {
	m := mask(bits)
	return words{w.high | ^m.high, w.low | ^m.low}
}
