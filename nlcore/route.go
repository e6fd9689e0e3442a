package nlcore

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"bootlink/nlcore/ip"

	"golang.org/x/sys/unix"
)

// Route4 is an IPv4 route as a flat record of 20 bytes, for tables of any size.
// Addresses are numbers in host byte order, so that records sort as the kernel
// keeps them. Routes with more than one next hop, metrics of their own or an
// encapsulation are no such records.
type Route4 struct {
	Dst    uint32 // prefix, bits beyond Bits are 0
	Via    uint32 // gateway; 0: none
	Dev    uint32 // interface index; 0: none
	Metric uint32 // RTA_PRIORITY
	Bits   uint8  // prefix length
	TOS    uint8
	Type   uint8 // RTN_*; 0 is RTN_UNICAST
	Scope  uint8 // RT_SCOPE_*
}

// Route6 is [Route4] for IPv6: 44 bytes. Addresses are in network byte order.
type Route6 struct {
	Dst    [16]byte
	Via    [16]byte
	Dev    uint32
	Metric uint32 // the kernel makes 1024 of 0
	Bits   uint8
	TOS    uint8
	Type   uint8
	_      uint8
}

// A RouteRecord is Route4 or Route6.
type RouteRecord interface{ Route4 | Route6 }

// Prefix gives the destination.
func (r Route4) Prefix() ip.Prefix { return ip.PrefixFrom(addr4(r.Dst), int(r.Bits)) }

// Prefix gives the destination.
func (r Route6) Prefix() ip.Prefix { return ip.PrefixFrom(ip.Addr(r.Dst[:]), int(r.Bits)) }

func addr4(a uint32) ip.Addr {
	return ip.Addr(binary.BigEndian.AppendUint32(nil, a))
}

// String gives the record as `ip route` would, with the interface's index.
func (r Route4) String() string {
	text := r.Prefix().String()
	if r.Via != 0 {
		text += " via " + addr4(r.Via).String()
	}
	return text + tail(r.Dev, r.Metric)
}

// String gives the record as `ip route` would, with the interface's index.
func (r Route6) String() string {
	text := r.Prefix().String()
	if r.Via != ([16]byte{}) {
		text += " via " + ip.Addr(r.Via[:]).String()
	}
	return text + tail(r.Dev, r.Metric)
}

func tail(dev, metric uint32) string {
	text := ""
	if dev != 0 {
		text = fmt.Sprintf(" dev #%d", dev)
	}
	if metric != 0 {
		text += fmt.Sprintf(" metric %d", metric)
	}
	return text
}

// Compare orders records as an IPv4 dump has them: prefixes ascending, of equal
// ones the longest first, then by TOS and metric. Records with the same of all
// four are the same route to the kernel and compare as 0.
func (r Route4) Compare(o Route4) int {
	if r.Dst != o.Dst {
		return cmp.Compare(r.Dst, o.Dst)
	}
	return cmp.Or(cmp.Compare(o.Bits, r.Bits), cmp.Compare(r.TOS, o.TOS), cmp.Compare(r.Metric, o.Metric))
}

// Compare orders records by prefix, length, TOS and metric.
func (r Route6) Compare(o Route6) int {
	if r.Dst != o.Dst {
		a, b := binary.BigEndian.Uint64(r.Dst[:]), binary.BigEndian.Uint64(o.Dst[:])
		if a != b {
			return cmp.Compare(a, b)
		}
		return cmp.Compare(binary.BigEndian.Uint64(r.Dst[8:]), binary.BigEndian.Uint64(o.Dst[8:]))
	}
	return cmp.Or(cmp.Compare(r.Bits, o.Bits), cmp.Compare(r.TOS, o.TOS), cmp.Compare(r.Metric, o.Metric))
}

// A RouteSet says which routes of the kernel are meant.
type RouteSet struct {
	Table    uint32 // 0: main
	Protocol uint8  // RTPROT_*, the owner's mark
}

func (s RouteSet) table() uint32 {
	if s.Table == 0 {
		return unix.RT_TABLE_MAIN
	}
	return s.Table
}

// header appends nlmsghdr and rtmsg. The message's length is filled in by close.
func (s RouteSet) header(b []byte, typ, flags uint16, seq uint32, rtm [unix.SizeofRtMsg]byte) []byte {
	b = binary.NativeEndian.AppendUint32(b, 0)
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = binary.NativeEndian.AppendUint32(b, 0)
	table := s.table()
	rtm[4], rtm[5] = uint8(table), s.Protocol
	if table > 255 {
		rtm[4] = unix.RT_TABLE_COMPAT
	}
	b = append(b, rtm[:]...)
	if table > 255 {
		b = appendU32(b, unix.RTA_TABLE, table)
	}
	return b
}

// appendU32 appends an attribute of 4 bytes in host byte order.
func appendU32(b []byte, typ uint16, v uint32) []byte {
	b = binary.NativeEndian.AppendUint16(b, 8)
	b = binary.NativeEndian.AppendUint16(b, typ)
	return binary.NativeEndian.AppendUint32(b, v)
}

// appendBe32 appends an attribute of 4 bytes in network byte order.
func appendBe32(b []byte, typ uint16, v uint32) []byte {
	b = binary.NativeEndian.AppendUint16(b, 8)
	b = binary.NativeEndian.AppendUint16(b, typ)
	return binary.BigEndian.AppendUint32(b, v)
}

func append16(b []byte, typ uint16, v *[16]byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, 20)
	b = binary.NativeEndian.AppendUint16(b, typ)
	return append(b, v[:]...)
}

// put appends a whole message for the record.
func (r *Route4) put(b []byte, s RouteSet, typ, flags uint16, seq uint32) []byte {
	at := len(b)
	rtm := [unix.SizeofRtMsg]byte{0: unix.AF_INET, 1: r.Bits, 3: r.TOS, 6: r.Scope, 7: max(r.Type, unix.RTN_UNICAST)}
	if typ == unix.RTM_DELROUTE {
		rtm[6] = unix.RT_SCOPE_NOWHERE
	}
	b = s.header(b, typ, flags, seq, rtm)
	b = appendBe32(b, unix.RTA_DST, r.Dst)
	if r.Via != 0 {
		b = appendBe32(b, unix.RTA_GATEWAY, r.Via)
	}
	if r.Dev != 0 {
		b = appendU32(b, unix.RTA_OIF, r.Dev)
	}
	if r.Metric != 0 {
		b = appendU32(b, unix.RTA_PRIORITY, r.Metric)
	}
	binary.NativeEndian.PutUint32(b[at:], uint32(len(b)-at))
	return b
}

// put appends a whole message for the record.
func (r *Route6) put(b []byte, s RouteSet, typ, flags uint16, seq uint32) []byte {
	at := len(b)
	rtm := [unix.SizeofRtMsg]byte{0: unix.AF_INET6, 1: r.Bits, 3: r.TOS, 7: max(r.Type, unix.RTN_UNICAST)}
	b = s.header(b, typ, flags, seq, rtm)
	b = append16(b, unix.RTA_DST, &r.Dst)
	if r.Via != ([16]byte{}) {
		b = append16(b, unix.RTA_GATEWAY, &r.Via)
	}
	if r.Dev != 0 {
		b = appendU32(b, unix.RTA_OIF, r.Dev)
	}
	if r.Metric != 0 {
		b = appendU32(b, unix.RTA_PRIORITY, r.Metric)
	}
	binary.NativeEndian.PutUint32(b[at:], uint32(len(b)-at))
	return b
}

// fits tells whether a message is a route of the set. Strict checking has the
// kernel leave out the others; older kernels send them all.
func (s RouteSet) fits(body []byte, family uint8) bool {
	return len(body) >= unix.SizeofRtMsg && body[0] == family &&
		(s.Protocol == 0 || body[5] == s.Protocol) && binary.NativeEndian.Uint32(body[8:])&unix.RTM_F_CLONED == 0
}

// usual4 is the body of a route with a gateway and a metric, as every kernel so
// far writes it (fib_dump_info): these attributes, of 4 bytes each, and no more.
var usual4 = [...]uint32{
	attrHeader(unix.RTA_TABLE), attrHeader(unix.RTA_DST), attrHeader(unix.RTA_PRIORITY), attrHeader(unix.RTA_GATEWAY), attrHeader(unix.RTA_OIF),
}

const usualLength = unix.SizeofRtMsg + 8*len(usual4)

// attrHeader is the header of an attribute of 4 bytes, read as one number.
func attrHeader(typ uint16) uint32 {
	return binary.NativeEndian.Uint32(appendU32(nil, typ, 0))
}

// isUsual tells whether a body has the shape that getUsual reads.
func isUsual(b []byte) bool {
	if len(b) != usualLength {
		return false
	}
	e := binary.NativeEndian
	return e.Uint32(b[12:]) == usual4[0] && e.Uint32(b[20:]) == usual4[1] && e.Uint32(b[28:]) == usual4[2] &&
		e.Uint32(b[36:]) == usual4[3] && e.Uint32(b[44:]) == usual4[4]
}

// getUsual reads such a body without looking for anything.
func (r *Route4) getUsual(b []byte, s RouteSet) bool {
	b = b[:usualLength]
	*r = Route4{
		Dst: binary.BigEndian.Uint32(b[24:]), Via: binary.BigEndian.Uint32(b[40:]),
		Dev: binary.NativeEndian.Uint32(b[48:]), Metric: binary.NativeEndian.Uint32(b[32:]),
		Bits: b[1], TOS: b[3], Scope: b[6], Type: b[7],
	}
	return binary.NativeEndian.Uint32(b[16:]) == s.table()
}

// get reads a message of the set. It is false for one of another table, or one
// that is more than such a record can hold.
func (r *Route4) get(body []byte, s RouteSet) bool {
	if !s.fits(body, unix.AF_INET) {
		return false
	}
	if isUsual(body) {
		return r.getUsual(body, s)
	}
	*r = Route4{Bits: body[1], TOS: body[3], Scope: body[6], Type: body[7]}
	table := uint32(body[4])
	for b := body[unix.SizeofRtMsg:]; len(b) >= 8; {
		length := int(binary.NativeEndian.Uint16(b))
		if length < 4 || length > len(b) {
			return false
		}
		switch binary.NativeEndian.Uint16(b[2:]) {
		case unix.RTA_TABLE:
			table = binary.NativeEndian.Uint32(b[4:])
		case unix.RTA_DST:
			r.Dst = binary.BigEndian.Uint32(b[4:])
		case unix.RTA_GATEWAY:
			r.Via = binary.BigEndian.Uint32(b[4:])
		case unix.RTA_OIF:
			r.Dev = binary.NativeEndian.Uint32(b[4:])
		case unix.RTA_PRIORITY:
			r.Metric = binary.NativeEndian.Uint32(b[4:])
		case unix.RTA_MULTIPATH:
			return false
		}
		b = b[min(align(length), len(b)):]
	}
	return table == s.table()
}

// get reads a message of the set; see Route4.
func (r *Route6) get(body []byte, s RouteSet) bool {
	if !s.fits(body, unix.AF_INET6) {
		return false
	}
	*r = Route6{Bits: body[1], TOS: body[3], Type: body[7]}
	table := uint32(body[4])
	for b := body[unix.SizeofRtMsg:]; len(b) >= 8; {
		length := int(binary.NativeEndian.Uint16(b))
		if length < 4 || length > len(b) {
			return false
		}
		switch typ := binary.NativeEndian.Uint16(b[2:]); {
		case typ == unix.RTA_TABLE:
			table = binary.NativeEndian.Uint32(b[4:])
		case typ == unix.RTA_DST && length == 20:
			r.Dst = [16]byte(b[4:20])
		case typ == unix.RTA_GATEWAY && length == 20:
			r.Via = [16]byte(b[4:20])
		case typ == unix.RTA_OIF:
			r.Dev = binary.NativeEndian.Uint32(b[4:])
		case typ == unix.RTA_PRIORITY:
			r.Metric = binary.NativeEndian.Uint32(b[4:])
		case typ == unix.RTA_MULTIPATH:
			return false
		}
		b = b[min(align(length), len(b)):]
	}
	return table == s.table()
}
