package object

import (
	"cmp"
	"strconv"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
)

// Tunnels of linux/if_tunnel.h. A change sets all options anew, those that it
// does not name to zero, so every change names them all (Whole).

// greRows are IFLA_GRE_*; those over IPv6 have more and fewer.
var greRows = rowTable{
	{Key: "dev", Attr: 1, Wire: U32, Form: LinkRef, Empty: true, Doc: "the link that carries it"},
	{Key: "local", Attr: 6, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "source address"},
	{Key: "remote", Attr: 7, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "the far end"},
	{Key: "ttl", Attr: 8, Wire: U8, Form: Code, Enum: inherit0, Default: "inherit", Doc: "time to live of the outer packets"},
	{Key: "tos", Attr: 9, Wire: U8, Form: Code, Enum: inherit1, Default: "0", Doc: "type of service of the outer packets"},
	{Key: "pmtudisc", Attr: 10, Wire: U8, Form: Boolean, Default: "true", Doc: "find the path's MTU"},
	{Key: "ignore-df", Attr: 19, Wire: U8, Form: Boolean, Default: "false", Doc: "fragment packets that forbid it"},
	{Key: "ikey", Attr: 4, Wire: Be32, Form: Integer, Default: "0", Doc: "key of packets that come in"},
	{Key: "okey", Attr: 5, Wire: Be32, Form: Integer, Default: "0", Doc: "key of packets that go out"},
	{Key: "icsum", Attr: 2, Wire: BeBits16, Bit: 0x8000, Form: Boolean, Default: "false", Doc: "want checksums"},
	{Key: "ocsum", Attr: 3, Wire: BeBits16, Bit: 0x8000, Form: Boolean, Default: "false", Doc: "send checksums"},
	{Key: "iseq", Attr: 2, Wire: BeBits16, Bit: 0x1000, Form: Boolean, Default: "false", Doc: "want packets in order"},
	{Key: "oseq", Attr: 3, Wire: BeBits16, Bit: 0x1000, Form: Boolean, Default: "false", Doc: "number packets"},
	{Key: "ikeyed", Attr: 2, Wire: BeBits16, Bit: 0x2000, Form: Boolean, Default: "false", Hidden: true},
	{Key: "okeyed", Attr: 3, Wire: BeBits16, Bit: 0x2000, Form: Boolean, Default: "false", Hidden: true},
	{Key: "fwmark", Attr: 20, Wire: U32, Form: Hex, Default: "0x0", Doc: "mark of the outer packets"},
	{Key: "external", Attr: 18, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "the far end comes with each packet, from routes or tc"},
}

var gre6Rows = rowTable{
	{Key: "dev", Attr: 1, Wire: U32, Form: LinkRef, Empty: true, Doc: "the link that carries it"},
	{Key: "local", Attr: 6, Wire: Bytes, Form: IP, Default: "::", Doc: "source address"},
	{Key: "remote", Attr: 7, Wire: Bytes, Form: IP, Default: "::", Doc: "the far end"},
	{Key: "hoplimit", Attr: 8, Wire: U8, Form: Integer, Doc: "hop limit of the outer packets"},
	{Key: "encaplimit", Attr: 11, Wire: U8, Form: Integer, Doc: "tunnels in tunnels that are allowed"},
	{Key: "flowlabel", Attr: 12, Wire: Be32, Form: Hex, Max: 0xfffff, Default: "0x0", Doc: "flow label of the outer packets"},
	{Key: "ikey", Attr: 4, Wire: Be32, Form: Integer, Default: "0", Doc: "key of packets that come in"},
	{Key: "okey", Attr: 5, Wire: Be32, Form: Integer, Default: "0", Doc: "key of packets that go out"},
	{Key: "icsum", Attr: 2, Wire: BeBits16, Bit: 0x8000, Form: Boolean, Default: "false", Doc: "want checksums"},
	{Key: "ocsum", Attr: 3, Wire: BeBits16, Bit: 0x8000, Form: Boolean, Default: "false", Doc: "send checksums"},
	{Key: "iseq", Attr: 2, Wire: BeBits16, Bit: 0x1000, Form: Boolean, Default: "false", Doc: "want packets in order"},
	{Key: "oseq", Attr: 3, Wire: BeBits16, Bit: 0x1000, Form: Boolean, Default: "false", Doc: "number packets"},
	{Key: "ikeyed", Attr: 2, Wire: BeBits16, Bit: 0x2000, Form: Boolean, Default: "false", Hidden: true},
	{Key: "okeyed", Attr: 3, Wire: BeBits16, Bit: 0x2000, Form: Boolean, Default: "false", Hidden: true},
	{Key: "fwmark", Attr: 20, Wire: U32, Form: Hex, Default: "0x0", Doc: "mark of the outer packets"},
	{Key: "external", Attr: 18, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "the far end comes with each packet, from routes or tc"},
}

var (
	inherit0 = []Word{{"inherit", 0}}
	inherit1 = []Word{{"inherit", 1}}
)

var (
	greKind       = Kind{Name: "gre", New: pointToPoint, Kconfig: "CONFIG_NET_IPGRE", Module: "ip_gre", Rows: greRows, Whole: true, Derive: deriveGRE, Check: checkTunnel}
	gretapKind    = Kind{Name: "gretap", New: overlay, Kconfig: "CONFIG_NET_IPGRE", Module: "ip_gre", Rows: greRows, Whole: true, Derive: deriveGRE, Check: checkTunnel}
	ip6greKind    = Kind{Name: "ip6gre", New: pointToPoint, Kconfig: "CONFIG_IPV6_GRE", Module: "ip6_gre", Rows: gre6Rows, Whole: true, Derive: deriveGRE6, Check: checkTunnel6}
	ip6gretapKind = Kind{Name: "ip6gretap", New: overlay, Kconfig: "CONFIG_IPV6_GRE", Module: "ip6_gre", Rows: gre6Rows, Whole: true, Derive: deriveGRE6, Check: checkTunnel6}
)

var _, _, _, _ = kind(&greKind), kind(&gretapKind), kind(&ip6greKind), kind(&ip6gretapKind)

// deriveGRE: a key counts only with its flag.
func deriveGRE(v Values, prefix string) {
	for _, side := range []string{"ikey", "okey"} {
		if text, said := v.Lookup(prefix + side); said {
			v.Set(prefix+side+"ed", strconv.FormatBool(text != "0"))
		}
	}
}

// deriveTunnel6 makes iproute2's choices.
func deriveTunnel6(v Values, prefix string) {
	if v.Get(prefix+"external") != "true" {
		setDefault(v, prefix+"hoplimit", "64")
		setDefault(v, prefix+"encaplimit", "4")
	}
}

func deriveTunnel4(v Values, prefix string) {
	setDefault(v, prefix+"mode", "any")
	setDefault(v, prefix+"ttl", "inherit")
	if v.Get(prefix+"6rd-prefixlen") != "" {
		setDefault(v, prefix+"6rd-prefix", "2002::")
	}
}

func deriveGRE6(v Values, prefix string) {
	deriveGRE(v, prefix)
	deriveTunnel6(v, prefix)
}

// iptunRows are IFLA_IPTUN_*.
var ipipRows = rowTable{
	{Key: "dev", Attr: 1, Wire: U32, Form: LinkRef, Empty: true, Doc: "the link that carries it"},
	{Key: "local", Attr: 2, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "source address"},
	{Key: "remote", Attr: 3, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "the far end"},
	{Key: "ttl", Attr: 4, Wire: U8, Form: Code, Enum: inherit0, Default: "inherit", Doc: "time to live of the outer packets"},
	{Key: "tos", Attr: 5, Wire: U8, Form: Code, Enum: inherit1, Default: "0", Doc: "type of service of the outer packets"},
	{Key: "pmtudisc", Attr: 10, Wire: U8, Form: Boolean, Default: "true", Doc: "find the path's MTU"},
	{Key: "mode", Attr: 9, Wire: U8, Form: Enum, Enum: []Word{{"any", 0}, {"ipip", 4}, {"mplsip", 137}}, Cost: Recreate, Doc: "what is in the packets"},
	{Key: "fwmark", Attr: 20, Wire: U32, Form: Hex, Default: "0x0", Doc: "mark of the outer packets"},
	{Key: "external", Attr: 19, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "the far end comes with each packet, from routes or tc"},
}

var sitRows = rowTable{
	{Key: "dev", Attr: 1, Wire: U32, Form: LinkRef, Empty: true, Doc: "the link that carries it"},
	{Key: "local", Attr: 2, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "source address"},
	{Key: "remote", Attr: 3, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "the far end"},
	{Key: "ttl", Attr: 4, Wire: U8, Form: Code, Enum: inherit0, Default: "inherit", Doc: "time to live of the outer packets"},
	{Key: "tos", Attr: 5, Wire: U8, Form: Code, Enum: inherit1, Default: "0", Doc: "type of service of the outer packets"},
	{Key: "pmtudisc", Attr: 10, Wire: U8, Form: Boolean, Default: "true", Doc: "find the path's MTU"},
	{Key: "mode", Attr: 9, Wire: U8, Form: Enum, Enum: []Word{{"any", 0}, {"ipip", 4}, {"ip6ip", 41}, {"mplsip", 137}}, Cost: Recreate, Doc: "what is in the packets"},
	{Key: "6rd-prefix", Attr: 11, Wire: Bytes, Form: IP, Default: "2002::", Doc: "6rd prefix, its length is 6rd-prefixlen"},
	{Key: "6rd-prefixlen", Attr: 13, Wire: U16, Form: Integer, Max: 128, Default: "16", Doc: "bits of it"},
	{Key: "6rd-relay_prefix", Attr: 12, Wire: Bytes, Form: IP, Default: "0.0.0.0", Doc: "part of the IPv4 address that all of 6rd share"},
	{Key: "6rd-relay_prefixlen", Attr: 14, Wire: U16, Form: Integer, Max: 32, Default: "0", Doc: "bits of it"},
	{Key: "fwmark", Attr: 20, Wire: U32, Form: Hex, Default: "0x0", Doc: "mark of the outer packets"},
}

var ip6tnlRows = rowTable{
	{Key: "dev", Attr: 1, Wire: U32, Form: LinkRef, Empty: true, Doc: "the link that carries it"},
	{Key: "local", Attr: 2, Wire: Bytes, Form: IP, Default: "::", Doc: "source address"},
	{Key: "remote", Attr: 3, Wire: Bytes, Form: IP, Default: "::", Doc: "the far end"},
	{Key: "hoplimit", Attr: 4, Wire: U8, Form: Integer, Doc: "hop limit of the outer packets"},
	{Key: "encaplimit", Attr: 6, Wire: U8, Form: Integer, Doc: "tunnels in tunnels that are allowed"},
	{Key: "flowlabel", Attr: 7, Wire: Be32, Form: Hex, Max: 0xfffff, Default: "0x0", Doc: "flow label of the outer packets"},
	{Key: "mode", Attr: 9, Wire: U8, Form: Enum, Enum: []Word{{"any", 0}, {"ipip6", 4}, {"ip6ip6", 41}, {"mplsip6", 137}}, Default: "any", Doc: "what is in the packets"},
	{Key: "fwmark", Attr: 20, Wire: U32, Form: Hex, Default: "0x0", Doc: "mark of the outer packets"},
	{Key: "external", Attr: 19, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Doc: "the far end comes with each packet, from routes or tc"},
}

var (
	ipipKind   = Kind{Name: "ipip", New: pointToPoint, Kconfig: "CONFIG_NET_IPIP", Module: "ipip", Rows: ipipRows, Whole: true, Derive: deriveTunnel4, Check: checkTunnel}
	sitKind    = Kind{Name: "sit", New: pointToPoint, Kconfig: "CONFIG_IPV6_SIT", Module: "sit", Rows: sitRows, Whole: true, Derive: deriveTunnel4, Check: checkSit}
	ip6tnlKind = Kind{Name: "ip6tnl", New: pointToPoint, Kconfig: "CONFIG_IPV6_TUNNEL", Module: "ip6_tunnel", Rows: ip6tnlRows, Whole: true, Derive: deriveTunnel6, Check: checkTunnel6}
)

var _, _, _ = kind(&ipipKind), kind(&sitKind), kind(&ip6tnlKind)

func checkTunnel(o *Object, faults *conf.Faults)  { checkEnds(o, faults, "inet", "192.0.2.1") }
func checkTunnel6(o *Object, faults *conf.Faults) { checkEnds(o, faults, "inet6", "2001:db8::1") }

// checkEnds wants both ends in the family that the tunnel runs over.
func checkEnds(o *Object, faults *conf.Faults, family, example string) {
	kind := o.Values.Get("kind")
	prefix := kind + "."
	for _, key := range []string{"local", "remote"} {
		text := o.Values.Get(prefix + key)
		if got := textFamily(text); got != "" && got != family {
			faults.Addf(o.Place(prefix+key), "use an address like "+example, "link %q is a %s, which cannot run over %s", o.Name, kind, text)
		}
	}
	if o.Values.Get(prefix+"external") != "true" && o.Values.Get(prefix+"remote") == "" && o.Values.Get(prefix+"local") == "" {
		need(o, faults, "local", kind+" = { local = \""+example+"\" }, or remote, or external = true")
	}
}

// checkSit wants no bits beyond the lengths of 6rd's prefixes.
func checkSit(o *Object, faults *conf.Faults) {
	checkTunnel(o, faults)
	for _, key := range []string{"sit.6rd-prefix", "sit.6rd-relay_prefix"} {
		a, err := ip.ParseAddr(o.Values.Get(key))
		usual := "0"
		if key == "sit.6rd-prefix" {
			usual = "16"
		}
		bits := number(cmp.Or(o.Values.Get(key+"len"), usual))
		if p := ip.PrefixFrom(a, int(bits)).Masked(); err == nil && p.Addr() != a {
			faults.Addf(o.Place(key), "say "+lastWord(key)+"len, or write fewer bits", "%s %s has bits set beyond its length %d", lastWord(key), a, bits)
		}
	}
}
