package object

import (
	"encoding/binary"

	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// vxlan: most options are fixed at creation (vxlan_nl2conf).
var vxlanKind = Kind{
	Name: "vxlan", Kconfig: "CONFIG_VXLAN", Module: "vxlan", New: overlay,
	Rows: rowTable{
		{Key: "id", Attr: unix.IFLA_VXLAN_ID, Wire: U32, Form: Integer, Max: 1<<24 - 1, Cost: Recreate, Doc: "network identifier (VNI)"},
		{Key: "dev", Attr: unix.IFLA_VXLAN_LINK, Wire: U32, Form: LinkRef, Empty: true, Carries: true, Doc: "the link that carries it"},
		{Key: "remote", Attr: unix.IFLA_VXLAN_GROUP, Attr6: unix.IFLA_VXLAN_GROUP6, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "the far end, or a multicast group"},
		{Key: "local", Attr: unix.IFLA_VXLAN_LOCAL, Attr6: unix.IFLA_VXLAN_LOCAL6, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "source address"},
		{Key: "dstport", Attr: unix.IFLA_VXLAN_PORT, Wire: Be16, Form: Integer, Default: "8472", Cost: Recreate, Doc: "UDP port of the far end; 4789 is IANA's, the kernel's own choice is 8472"},
		{Key: "srcport", Attr: unix.IFLA_VXLAN_PORT_RANGE, Wire: Bytes, Form: bePortRange, Default: "0", Cost: Recreate, Doc: "range of UDP source ports"},
		{Key: "ttl", Attr: unix.IFLA_VXLAN_TTL, Wire: U8, Form: Integer, Default: "0", Doc: "time to live of the outer packets; 0: 1 for multicast, else the system's"},
		{Key: "ttl_inherit", Attr: unix.IFLA_VXLAN_TTL_INHERIT, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "take it from the inner packet"},
		{Key: "tos", Attr: unix.IFLA_VXLAN_TOS, Wire: U8, Form: Code, Enum: []Word{{"inherit", 1}}, Default: "0", Doc: "type of service of the outer packets"},
		{Key: "df", Attr: unix.IFLA_VXLAN_DF, Wire: U8, Form: Enum, Enum: []Word{{"unset", 0}, {"set", 1}, {"inherit", 2}}, Default: "unset", Doc: "the outer packets' don't fragment"},
		{Key: "flowlabel", Attr: unix.IFLA_VXLAN_LABEL, Wire: Be32, Form: Hex, Max: 0xfffff, Default: "0x0", Doc: "flow label of the outer packets"},
		{Key: "ageing", Attr: unix.IFLA_VXLAN_AGEING, Wire: U32, Form: Integer, Default: "300", Unit: "s", Doc: "life of learnt addresses"},
		{Key: "maxaddr", Attr: unix.IFLA_VXLAN_LIMIT, Wire: U32, Form: Integer, Default: "0", Cost: Recreate, Doc: "most learnt addresses; 0: no limit"},
		{Key: "learning", Attr: unix.IFLA_VXLAN_LEARNING, Wire: U8, Form: Boolean, Default: "true", Doc: "learn where addresses are"},
		{Key: "proxy", Attr: unix.IFLA_VXLAN_PROXY, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "answer ARP on behalf of others"},
		{Key: "rsc", Attr: unix.IFLA_VXLAN_RSC, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "route short circuit"},
		{Key: "l2miss", Attr: unix.IFLA_VXLAN_L2MISS, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "tell of unknown link-layer addresses"},
		{Key: "l3miss", Attr: unix.IFLA_VXLAN_L3MISS, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "tell of unknown IP addresses"},
		{Key: "udp_csum", Attr: unix.IFLA_VXLAN_UDP_CSUM, Wire: U8, Form: Boolean, Auto: true, Cost: Recreate, Doc: "checksum of the outer UDP over IPv4"},
		{Key: "udp6zerocsumtx", Attr: unix.IFLA_VXLAN_UDP_ZERO_CSUM6_TX, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "send no checksums over IPv6"},
		{Key: "udp6zerocsumrx", Attr: unix.IFLA_VXLAN_UDP_ZERO_CSUM6_RX, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "take packets without checksums over IPv6"},
		{Key: "remcsumtx", Attr: unix.IFLA_VXLAN_REMCSUM_TX, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "send with remote checksum offload"},
		{Key: "remcsumrx", Attr: unix.IFLA_VXLAN_REMCSUM_RX, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "take remote checksum offload"},
		{Key: "gbp", Attr: unix.IFLA_VXLAN_GBP, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "group policy extension"},
		{Key: "gpe", Attr: unix.IFLA_VXLAN_GPE, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "generic protocol extension"},
		{Key: "external", Attr: unix.IFLA_VXLAN_COLLECT_METADATA, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Doc: "the far end comes with each packet, from routes or tc"},
		{Key: "vnifilter", Attr: unix.IFLA_VXLAN_VNIFILTER, Wire: U8, Form: Boolean, Default: "false", Cost: Recreate, Rare: &Rare{Since: "5.18"}, Doc: "with external: take only networks that are listed"},
		{Key: "localbypass", Attr: unix.IFLA_VXLAN_LOCALBYPASS, Wire: U8, Form: Boolean, Default: "true", Rare: &Rare{Since: "6.5"}, Doc: "hand packets for this machine over at once"},
	},
	Derive: deriveVXLAN, Check: checkVXLAN,
}

var _ = kind(&vxlanKind)

// deriveVXLAN: what comes with each packet is not learnt.
func deriveVXLAN(v Values, prefix string) {
	if v.Get(prefix+"external") == "true" {
		setDefault(v, prefix+"learning", "false")
	}
}

func checkVXLAN(o *Object, faults *conf.Faults) {
	v := o.Values
	if v.Get("vxlan.external") != "true" {
		vxlanNeed(o, faults)
	}
	if a, b := textFamily(v.Get("vxlan.remote")), textFamily(v.Get("vxlan.local")); a != "" && b != "" && a != b {
		faults.Addf(o.Place("vxlan.local"), "use addresses of one family", "link %q has its ends in different families", o.Name)
	}
}

func vxlanNeed(o *Object, faults *conf.Faults) {
	need(o, faults, "id", `vxlan = { id = 42, remote = "192.0.2.1", dstport = 4789 }`)
}

// bePortRange: ends in network byte order (struct ifla_vxlan_port_range).
var bePortRange = &Form{"range of ports", ints | texts, parsePorts, packBePorts, unpackBePorts}

func packBePorts(_ *Row, text string, _ Names) (value, error) {
	a, b, err := rangeEnds(text)
	raw := binary.BigEndian.AppendUint16(nil, uint16(a))
	return value{raw: binary.BigEndian.AppendUint16(raw, uint16(b))}, err
}

func unpackBePorts(_ *Row, v value, _ Names) (string, error) {
	if len(v.raw) < 4 {
		return "", unix.EBADMSG
	}
	return rangeText(uint64(binary.BigEndian.Uint16(v.raw)), uint64(binary.BigEndian.Uint16(v.raw[2:]))), nil
}
