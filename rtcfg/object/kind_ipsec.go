package object

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// vtiRows are IFLA_VTI_* of linux/if_tunnel.h. Packets that are to be encrypted
// by IPsec are told by the marks ikey and okey. A change sets all anew.
var vtiRows = rowTable{
	{Key: "dev", Attr: 1, Wire: U32, Form: LinkRef, Empty: true, Doc: "the link that carries it"},
	{Key: "local", Attr: 4, Wire: Bytes, Form: IP, Empty: true, Doc: "source address"},
	{Key: "remote", Attr: 5, Wire: Bytes, Form: IP, Empty: true, Doc: "the far end"},
	{Key: "ikey", Attr: 2, Wire: Be32, Form: Integer, Default: "0", Doc: "mark of packets that come in"},
	{Key: "okey", Attr: 3, Wire: Be32, Form: Integer, Default: "0", Doc: "mark of packets that go out"},
	{Key: "fwmark", Attr: 6, Wire: U32, Form: Hex, Default: "0x0", Doc: "mark of the outer packets"},
}

var (
	vtiKind  = Kind{Name: "vti", Kconfig: "CONFIG_NET_IPVTI", Module: "ip_vti", Rows: vtiRows, New: pointToPoint, Whole: true, Check: checkTunnel}
	vti6Kind = Kind{Name: "vti6", Kconfig: "CONFIG_IPV6_VTI", Module: "ip6_vti", Rows: vtiRows, New: pointToPoint, Whole: true, Check: checkTunnel6}
)

// xfrm: the policies and states with the same if_id are its own.
var xfrmKind = Kind{
	Name: "xfrm", Kconfig: "CONFIG_XFRM_INTERFACE", Module: "xfrm_interface", New: pointToPoint, Whole: true,
	Rows: rowTable{
		{Key: "dev", Attr: unix.IFLA_XFRM_LINK, Wire: U32, Form: LinkRef, Cost: Recreate, Doc: "the link that carries it"},
		{Key: "if_id", Attr: unix.IFLA_XFRM_IF_ID, Wire: U32, Form: Integer, Min: 1, Doc: "number of its policies and states"},
		{Key: "external", Attr: unix.IFLA_XFRM_COLLECT_METADATA, Wire: Flag, Form: Boolean, Default: "false", Cost: Recreate, Rare: &Rare{Since: "6.1"}, Doc: "the number comes with each packet"},
	},
	Check: func(o *Object, faults *conf.Faults) {
		if o.Values.Get("xfrm.external") != "true" {
			need(o, faults, "if_id", `xfrm = { if_id = 42 }`)
		}
	},
}

var _, _, _ = kind(&vtiKind), kind(&vti6Kind), kind(&xfrmKind)
