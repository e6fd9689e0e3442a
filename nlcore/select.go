package nlcore

import (
	"encoding/binary"
	"fmt"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// A Selection narrows a dump of the route bus: routes, links, addresses,
// neighbours or rules. A field that is 0 selects all.
type Selection struct {
	Family   uint8  // AF_*
	Table    uint32 // RT_TABLE_*: of routes and rules
	Protocol uint8  // RTPROT_*, IFAPROT_*: of all but links
	Device   uint32 // index of a link: itself, that of an address or a neighbour, the way out of a route
	Master   uint32 // index of a bridge, bond or VRF: of links and neighbours
}

// Select dumps the objects of a type, which is RTM_GETROUTE, RTM_GETLINK,
// RTM_GETADDR, RTM_GETNEIGH or RTM_GETRULE, and hands those that s selects to
// each, as Collect does. The kernel filters what it can (NETLINK_GET_STRICT_CHK,
// 4.20), so that what nobody wants costs nothing; what it lets pass is compared
// here: everything in an older kernel; links by device, addresses and
// neighbours by protocol, and rules in all of them. A field that the objects do
// not have is EINVAL. A table that does not exist is ENOENT where the kernel
// filters, and empty where it does not.
//
// Links come without counters (RTEXT_FILTER_SKIP_STATS). That is not only half
// as much to read: asked without any IFLA_EXT_MASK, Linux 6.18 leaves a link
// whose message is longer than a page out, in silence.
func (c *Conn) Select(ctx until.Context, typ uint16, s Selection, each func(Message) error, restart func()) error {
	r, err := s.request(typ)
	if err != nil {
		return err
	}
	return c.Collect(ctx, r, func(m Message) error {
		if !s.Match(m) {
			return nil
		}
		return each(m)
	}, restart)
}

// The columns of a selectable.
const (
	byTable = iota
	byProtocol
	byDevice
	byMaster
	columnCount
)

var columnNames = [columnCount]string{"table", "protocol", "device", "master"}

func (s Selection) values() [columnCount]uint32 {
	return [...]uint32{byTable: s.Table, byProtocol: uint32(s.Protocol), byDevice: s.Device, byMaster: s.Master}
}

// A place is where a message has a value: in an attribute, else in bytes of
// its fixed header. The zero value is nowhere.
type place struct {
	attr  uint16 // 0: none
	at, n int    // n bytes, one or four, from byte at on; n is 0 for none
}

// A selectable says where messages about one kind of objects have what can be
// selected, and where a dump request asks the kernel for it.
type selectable struct {
	get    uint16 // RTM_GET…
	header int
	have   [columnCount]place
	ask    [columnCount]place
	mask   uint32 // IFLA_EXT_MASK of the request
}

// selectables are the objects that Select knows. Nothing writes to it.
var selectables = []selectable{
	{
		unix.RTM_GETROUTE, unix.SizeofRtMsg,
		[...]place{byTable: {unix.RTA_TABLE, 4, 1}, byProtocol: {0, 5, 1}, byDevice: {attr: unix.RTA_OIF}, byMaster: {}},
		[...]place{byTable: {attr: unix.RTA_TABLE}, byProtocol: {0, 5, 1}, byDevice: {attr: unix.RTA_OIF}, byMaster: {}}, 0,
	},
	{
		unix.RTM_GETLINK, unix.SizeofIfInfomsg,
		[...]place{byDevice: {0, 4, 4}, byMaster: {attr: unix.IFLA_MASTER}},
		[...]place{byMaster: {attr: unix.IFLA_MASTER}}, rtextFilterSkipStats,
	},
	{
		unix.RTM_GETADDR, unix.SizeofIfAddrmsg,
		[...]place{byProtocol: {attr: ifaProto}, byDevice: {0, 4, 4}, byMaster: {}},
		[...]place{byDevice: {0, 4, 4}, byMaster: {}}, 0,
	},
	{
		unix.RTM_GETNEIGH, unix.SizeofNdMsg,
		[...]place{byProtocol: {attr: ndaProtocol}, byDevice: {0, 4, 4}, byMaster: {attr: unix.NDA_MASTER}},
		[...]place{byDevice: {attr: unix.NDA_IFINDEX}, byMaster: {attr: unix.NDA_MASTER}}, 0,
	},
	{
		unix.RTM_GETRULE, 12, // struct fib_rule_hdr
		[...]place{byTable: {unix.FRA_TABLE, 4, 1}, byProtocol: {attr: unix.FRA_PROTOCOL}, byMaster: {}},
		[columnCount]place{}, 0,
	},
}

// selectableOf finds the row of a message type with any verb.
func selectableOf(typ uint16) (selectable, bool) {
	for _, o := range selectables {
		if o.get/4 == typ/4 {
			return o, true
		}
	}
	return selectable{}, false
}

// request makes the dump request by which the kernel filters what it can.
func (s Selection) request(typ uint16) (Request, error) {
	label := "list " + TypeName(unix.NETLINK_ROUTE, typ)
	o, ok := selectableOf(typ)
	if !ok || o.get != typ {
		return Request{}, fmt.Errorf("%s: no selection of these: %w", label, unix.EINVAL)
	}
	h := make([]byte, o.header)
	h[0] = s.Family
	for i, v := range s.values() {
		if v != 0 && o.have[i] == (place{}) {
			return Request{}, fmt.Errorf("%s: they have no %s: %w", label, columnNames[i], unix.EINVAL)
		}
		o.ask[i].put(h, v)
	}
	w := NewAttrWriter(h)
	for i, v := range s.values() {
		if v != 0 && o.ask[i].attr != 0 {
			w.U32(o.ask[i].attr, v)
		}
	}
	if o.mask != 0 {
		w.U32(unix.IFLA_EXT_MASK, o.mask)
	}
	return Request{Type: typ, Body: w.Bytes(), Header: o.header, Label: label}, nil
}

// put writes v into a fixed header.
func (p place) put(h []byte, v uint32) {
	switch p.n {
	case 1:
		h[p.at] = uint8(v)
	case 4:
		binary.NativeEndian.PutUint32(h[p.at:], v)
	}
}

// read gives the value in the body of a message.
func (p place) read(body []byte, header int) (v uint32, ok bool) {
	switch p.n {
	case 1:
		v, ok = uint32(body[p.at]), true
	case 4:
		v, ok = binary.NativeEndian.Uint32(body[p.at:]), true
	}
	if p.attr == 0 {
		return v, ok
	}
	for a, err := range Attrs(body[header:]) {
		if err != nil {
			break
		}
		if a.Type == p.attr {
			return word(a), true
		}
	}
	return v, ok
}

// word reads one or four bytes.
func word(a Attr) uint32 {
	if v, err := a.Uint8(); err == nil {
		return uint32(v)
	}
	v, _ := a.Uint32()
	return v
}

// Match tells whether s selects an object of the route bus, by the message
// about it: that of a dump or an event.
func (s Selection) Match(m Message) bool {
	o, ok := selectableOf(m.Type)
	if !ok || len(m.Body) < o.header || s.Family != 0 && s.Family != m.Body[0] {
		return false
	}
	for i, want := range s.values() {
		if want == 0 {
			continue
		}
		got, ok := o.have[i].read(m.Body, o.header)
		if ok && got == want {
			continue
		}
		if ok || i != byDevice || o.get != unix.RTM_GETROUTE || !leavesBy(m.Body[o.header:], want) {
			return false
		}
	}
	return true
}

// leavesBy tells whether one of a route's next hops leaves by a link.
func leavesBy(attrs []byte, link uint32) bool {
	for a, err := range Attrs(attrs) {
		if err != nil {
			return false
		}
		if a.Type == unix.RTA_MULTIPATH && hopsLeaveBy(a.Data, link) {
			return true
		}
	}
	return false
}

// hopsLeaveBy walks struct rtnexthop, each with its length first.
func hopsLeaveBy(b []byte, link uint32) bool {
	for len(b) >= unix.SizeofRtNexthop {
		if binary.NativeEndian.Uint32(b[4:]) == link {
			return true
		}
		n := align(int(binary.NativeEndian.Uint16(b)))
		if n < unix.SizeofRtNexthop || n > len(b) {
			return false
		}
		b = b[n:]
	}
	return false
}
