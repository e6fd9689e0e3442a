package object

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// Nexthop is a next hop object or a group of them; see ip-nexthop(8) and
// linux/nexthop.h. Its header is struct nhmsg.
const Nexthop Class = "nexthop"

var hopFamilies = []Word{{"unspec", 0}, {"inet", unix.AF_INET}, {"inet6", unix.AF_INET6}}

var nexthopSpec = Spec{
	Class: Nexthop, Section: "nexthop", Doc: "next hop objects and groups, which routes name as nhid", Since: "5.3",
	New: unix.RTM_NEWNEXTHOP, Del: unix.RTM_DELNEXTHOP, Get: unix.RTM_GETNEXTHOP, Header: unix.SizeofNhmsg,
	Key:  []string{"id"},
	Mark: Row{Key: "protocol", Attr: 2, Wire: Head8, Form: Integer},
	Asks: []string{""},
	Rows: rowTable{
		{Key: "id", Attr: unix.NHA_ID, Wire: U32, Form: Integer, Min: 1, Rare: &Rare{Need: "id = 10"}, Doc: "number that routes and groups name"},
		{Key: "family", Attr: 0, Wire: Head8, Form: Enum, Enum: hopFamilies, Cost: Recreate, Doc: "family, where no gateway says it"},
		{Key: "via", Attr: unix.NHA_GATEWAY, Wire: Bytes, Form: IP, Doc: "gateway"},
		{Key: "dev", Attr: unix.NHA_OIF, Wire: U32, Form: LinkRef, Doc: "the link that packets leave by"},
		{Key: "onlink", Attr: 4, Wire: HeadBits, Bit: unix.RTNH_F_ONLINK, Form: Boolean, Default: "false", Doc: "the gateway is on the link although no address says so"},
		{Key: "blackhole", Attr: unix.NHA_BLACKHOLE, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "drop packets"},
		{Key: "fdb", Attr: nhaFDB, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Rare: &Rare{Since: "5.8"}, Doc: "for VXLAN forwarding entries"},
		{Key: "group", Attr: unix.NHA_GROUP, Wire: Bytes, Form: hopGroup, Rare: &Rare{Refers: Nexthop}, Doc: "the next hops of a group: [10, { id = 11, weight = 2 }]"},
		{Key: "type", Attr: unix.NHA_GROUP_TYPE, Wire: U16, Form: Enum, Enum: []Word{{"mpath", 0}, {"resilient", 1}}, Default: "mpath", Cost: Recreate, Doc: "kind of group"},
		{Key: "buckets", Nest: nhaResGroup, Attr: 1, Wire: U16, Form: Integer, Auto: true, Cost: Recreate, Doc: "buckets of a resilient group"},
		{Key: "idle_timer", Nest: nhaResGroup, Attr: 2, Wire: U32, Form: Integer, Unit: centiseconds, Auto: true, Doc: "time after which an idle bucket may move"},
		{Key: "unbalanced_timer", Nest: nhaResGroup, Attr: 3, Wire: U32, Form: Integer, Unit: centiseconds, Auto: true, Doc: "time after which buckets move although they are busy"},
	},
	Erase: []string{"id"}, Replace: true, NeedsUp: true,
	Derive: deriveNexthop, Check: checkNexthop,
}

var _ = spec(&nexthopSpec)

// deriveNexthop: a group has no family, IPv4 is iproute2's choice.
func deriveNexthop(v Values) {
	switch family := textFamily(v.Get("via")); {
	case v.Get("group") != "":
		v.Set("family", "unspec")
	case family != "":
		v.Set("family", family)
	default:
		setDefault(v, "family", "inet")
	}
}

func checkNexthop(o *Object, faults *conf.Faults) {
	v := o.Values
	ways := 0
	for _, key := range []string{"group", "blackhole"} {
		if v.Get(key) != "" {
			ways++
		}
	}
	if v.Get("via") != "" || v.Get("dev") != "" {
		ways++
	}
	switch {
	case ways == 0 && v.Get("fdb") == "":
		faults.Addf(o.Pos, `add via and dev, group or blackhole`, "next hop %s leads nowhere", v.Get("id"))
	case ways > 1:
		faults.Addf(o.Pos, "keep one of them", "next hop %s is more than one of a gateway or link, a group, a blackhole", v.Get("id"))
	case v.Get("via") != "" && v.Get("dev") == "" && v.Get("fdb") == "":
		faults.Addf(o.Place("via"), `add dev = "wan"`, "next hop %s has a gateway and no link", v.Get("id"))
	case v.Get("group") == "" && (v.Get("type") != "" || v.Get("buckets") != ""):
		faults.Addf(o.Place("type"), "add group", "next hop %s has options of a group and is none", v.Get("id"))
	}
}

// hopGroup is an array of struct nexthop_grp {u32 id; u8 weight - 1; ...}. The
// text is "10 11*2", by ID.
var hopGroup = &Form{"list of next hops", lists | ints | tables, parseHopGroup, packHopGroup, unpackHopGroup}

const hopSize = 8

func parseHopGroup(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.Array, "a list like [10, { id = 11, weight = 2 }]"); err != nil {
		return "", err
	}
	var hops []hop
	for _, item := range n.Items {
		h, err := parseHop(item)
		if err != nil {
			return "", err
		}
		for _, other := range hops {
			if other.id == h.id {
				return "", wrong(item, "give it a weight instead", "next hop %d is in the group twice", h.id)
			}
		}
		hops = append(hops, h)
	}
	if len(hops) == 0 {
		return "", wrong(n, "name the next hops", "the group is empty")
	}
	return hopText(hops), nil
}

var hopRows = rowTable{
	{Key: "id", Form: Integer, Min: 1, Rare: &Rare{Need: "id = 10"}, Doc: "number of a next hop"},
	{Key: "weight", Form: Integer, Min: 1, Max: 256, Default: "1", Doc: "its share"},
}

type hop struct{ id, weight uint64 }

func parseHop(n *conf.Node) (h hop, err error) {
	if n.Kind != conf.Table {
		id, err := hopRows.key("id").Parse(n)
		return hop{number(id), 1}, err
	}
	v := NewValues("weight", "1")
	for _, e := range n.Entries {
		r := hopRows.key(e.Key)
		if r == nil {
			return h, wrong(e.Value, "known here: id, weight", "unknown key %q", e.Key)
		}
		text, err := r.Parse(e.Value)
		if err != nil {
			return h, err
		}
		v.Set(e.Key, text)
	}
	if v.Get("id") == "" {
		return h, wrong(n, "add id = 10", "a member of a group without id")
	}
	return hop{number(v.Get("id")), number(v.Get("weight"))}, nil
}

func hopText(hops []hop) string {
	order.By(hops, func(a, b *hop) bool { return a.id < b.id })
	words := make([]string, len(hops))
	for i, h := range hops {
		if words[i] = strconv.FormatUint(h.id, 10); h.weight > 1 {
			words[i] += fmt.Sprintf("*%d", h.weight)
		}
	}
	return strings.Join(words, " ")
}

func packHopGroup(_ *Row, text string, _ Names) (v value, err error) {
	for _, word := range strings.Split(text, " ") {
		id, weight, weighted := strings.Cut(word, "*")
		if !weighted {
			weight = "1"
		}
		i, err1 := strconv.ParseUint(id, 10, 32)
		w, err2 := strconv.ParseUint(weight, 10, 16)
		if err1 != nil || err2 != nil || w == 0 {
			return v, fmt.Errorf("%q is not a member of a group", word)
		}
		v.raw = binary.NativeEndian.AppendUint32(v.raw, uint32(i))
		v.raw = append(v.raw, uint8(w-1), 0, 0, 0)
	}
	return v, nil
}

func unpackHopGroup(_ *Row, v value, _ Names) (string, error) {
	var hops []hop
	for b := v.raw; len(b) >= hopSize; b = b[hopSize:] {
		hops = append(hops, hop{uint64(binary.NativeEndian.Uint32(b)), uint64(b[4]) + 1})
	}
	return hopText(hops), nil
}
