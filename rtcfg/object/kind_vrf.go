package object

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

var vrfKind = Kind{
	Name: "vrf", Kconfig: "CONFIG_NET_VRF", Module: "vrf",
	Rows: rowTable{
		{Key: "table", Attr: unix.IFLA_VRF_TABLE, Wire: U32, Form: Table, Cost: Recreate, Doc: "routing table of the links below it"},
	},
	New: pointToPoint,
	Check: func(o *Object, faults *conf.Faults) {
		need(o, faults, "table", `vrf = { table = 100 }`)
	},
}

var _ = kind(&vrfKind)

var ifbKind = Kind{Name: "ifb", Kconfig: "CONFIG_IFB", Module: "ifb", New: [][2]string{{"arp", "false"}, {"multicast", "false"}, {"txqueuelen", "32"}}}

var _ = kind(&ifbKind)
