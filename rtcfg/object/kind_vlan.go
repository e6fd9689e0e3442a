package object

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

var vlanKind = Kind{
	Name: "vlan", Kconfig: "CONFIG_VLAN_8021Q", Module: "8021q",
	Rows: rowTable{
		{Key: "link", Attr: unix.IFLA_LINK, Wire: U32, Form: LinkRef, Cost: Recreate, Top: true, Carries: true,
			Doc: "the link that carries the tagged frames"},
		{Key: "id", Attr: unix.IFLA_VLAN_ID, Wire: U16, Form: Integer, Min: 1, Max: 4094, Cost: Recreate,
			Doc: "VLAN ID; 0 and 4095 are reserved by 802.1Q"},
		{Key: "protocol", Attr: unix.IFLA_VLAN_PROTOCOL, Wire: Be16, Form: Enum, Default: "802.1Q", Cost: Recreate,
			Enum: []Word{{"802.1Q", unix.ETH_P_8021Q}, {"802.1ad", unix.ETH_P_8021AD}},
			Doc:  "tag protocol"},
		{Key: "reorder_hdr", Attr: unix.IFLA_VLAN_FLAGS, Wire: Bits, Rare: &Rare{Absent: "false"}, Bit: 1, Form: Boolean, Default: "true", Doc: "programs see frames without the tag"},
		{Key: "gvrp", Attr: unix.IFLA_VLAN_FLAGS, Wire: Bits, Rare: &Rare{Absent: "false"}, Bit: 2, Form: Boolean, Default: "false", Kconfig: "CONFIG_VLAN_8021Q_GVRP", Doc: "register by GVRP"},
		{Key: "mvrp", Attr: unix.IFLA_VLAN_FLAGS, Wire: Bits, Rare: &Rare{Absent: "false"}, Bit: 8, Form: Boolean, Default: "false", Kconfig: "CONFIG_VLAN_8021Q_MVRP", Doc: "register by MVRP"},
		{Key: "loose_binding", Attr: unix.IFLA_VLAN_FLAGS, Wire: Bits, Rare: &Rare{Absent: "false"}, Bit: 4, Form: Boolean, Default: "false", Doc: "stays up when the link below goes down"},
		{Key: "bridge_binding", Attr: unix.IFLA_VLAN_FLAGS, Wire: Bits, Rare: &Rare{Absent: "false", Since: "5.3"}, Bit: 16, Form: Boolean, Default: "false", Doc: "carrier is that of the bridge's ports in the VLAN"},
		{Key: "ingress_qos_map", Attr: unix.IFLA_VLAN_INGRESS_QOS, Wire: Nested, Form: qosMap, Empty: true, Max: 7, Doc: "priority of the frame to that of the packet, as a list: [\"3:5\"]"},
		{Key: "egress_qos_map", Attr: unix.IFLA_VLAN_EGRESS_QOS, Wire: Nested, Form: qosMap, Empty: true, Max: 15, Doc: "priority of the packet to that of the frame, as a list: [\"5:3\"]"},
	},
	Check: checkVLAN,
}

var _ = kind(&vlanKind)

func checkVLAN(o *Object, faults *conf.Faults) {
	need(o, faults, "link", `vlan = { link = "wan", id = 7 }`)
	need(o, faults, "id", `vlan = { link = "wan", id = 7 }`)
}

// qosMap is a nest of struct ifla_vlan_qos_mapping {u32 from, to}. The text is
// "3:5 4:6", by the first number; the kernel tells no mapping to 0.
var qosMap = &Form{"list of mappings", lists | texts, parseQosMap, packQosMap, unpackQosMap}

func parseQosMap(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.Array, `a list like ["3:5"]`); err != nil {
		return "", err
	}
	var list []string
	for _, item := range n.Items {
		from, to, ok := strings.Cut(item.Text, ":")
		a, err1 := strconv.ParseUint(from, 10, 32)
		b, err2 := strconv.ParseUint(to, 10, 32)
		if !ok || err1 != nil || err2 != nil || a > r.Max || r.Max > 7 && b > 7 {
			return "", wrong(item, `write it like "3:5"; priorities of frames are 0 to 7, those of packets 0 to 15`, "%q is not a mapping", item.Text)
		}
		if b != 0 {
			list = order.Also(list, fmt.Sprintf("%d:%d", a, b))
		}
	}
	sortByNumber(list)
	return strings.Join(list, " "), nil
}

func sortByNumber(list []string) {
	from := func(text *string) uint64 {
		word, _, _ := strings.Cut(*text, ":")
		return number(word)
	}
	order.By(list, func(a, b *string) bool { return from(a) < from(b) })
}

// packQosMap names all priorities: those that are not mapped are mapped to 0.
func packQosMap(r *Row, text string, _ Names) (value, error) {
	to := make([]uint32, r.Max+1)
	for _, word := range strings.Fields(text) {
		a, b, _ := strings.Cut(word, ":")
		to[min(number(a), r.Max)] = uint32(number(b))
	}
	w := nlcore.NewAttrWriter(nil)
	for i, n := range to {
		raw := binary.NativeEndian.AppendUint32(nil, uint32(i))
		w.Raw(unix.IFLA_VLAN_QOS_MAPPING, binary.NativeEndian.AppendUint32(raw, n))
	}
	return value{raw: w.Bytes()}, nil
}

func unpackQosMap(_ *Row, v value, _ Names) (string, error) {
	var list []string
	for a, err := range nlcore.Attrs(v.raw) {
		if err != nil {
			return "", err
		}
		if len(a.Data) >= 8 {
			list = order.Also(list, fmt.Sprintf("%d:%d", binary.NativeEndian.Uint32(a.Data), binary.NativeEndian.Uint32(a.Data[4:])))
		}
	}
	sortByNumber(list)
	return strings.Join(list, " "), nil
}
