package object

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

var macvlanRows = rowTable{
	{Key: "link", Attr: unix.IFLA_LINK, Wire: U32, Form: LinkRef, Cost: Recreate, Top: true, Carries: true, Doc: "the link that carries it"},
	{Key: "mode", Attr: unix.IFLA_MACVLAN_MODE, Wire: U32, Form: Enum, Default: "vepa", Rare: &Rare{Fixed: "passthru"},
		Enum: []Word{{"private", 1}, {"vepa", 2}, {"bridge", 4}, {"passthru", 8}, {"source", 16}}, Doc: "who talks to whom on the same link"},
	{Key: "nopromisc", Attr: unix.IFLA_MACVLAN_FLAGS, Wire: BitsU16, Bit: 1, Form: Boolean, Default: "false", Doc: "passthru without making the link below promiscuous"},
	{Key: "bcqueuelen", Attr: unix.IFLA_MACVLAN_BC_QUEUE_LEN, Wire: U32, Form: Integer, Default: "1000", Rare: &Rare{Since: "5.11"}, Unit: packets, Doc: "broadcasts that may wait"},
	{Key: "bclim", Attr: unix.IFLA_MACVLAN_BC_CUTOFF, Wire: S32, Form: Signed, Default: "1", Rare: &Rare{Since: "6.4"}, Unit: packets, Doc: "broadcasts above which they wait"},
}

// macvtap is a macvlan that a program serves, a virtual machine for one.
var (
	macvlanKind = Kind{Name: "macvlan", Kconfig: "CONFIG_MACVLAN", Module: "macvlan", Rows: macvlanRows, Check: checkCarried}
	macvtapKind = Kind{Name: "macvtap", Kconfig: "CONFIG_MACVTAP", Module: "macvtap", Rows: macvlanRows, Check: checkCarried}
)

var _, _ = kind(&macvlanKind), kind(&macvtapKind)

var ipvlanKind = Kind{
	Name: "ipvlan", Kconfig: "CONFIG_IPVLAN", Module: "ipvlan",
	Rows: rowTable{
		{Key: "link", Attr: unix.IFLA_LINK, Wire: U32, Form: LinkRef, Cost: Recreate, Top: true, Carries: true, Doc: "the link that carries it"},
		{Key: "mode", Attr: unix.IFLA_IPVLAN_MODE, Wire: U16, Form: Enum, Default: "l3", Enum: []Word{{"l2", 0}, {"l3", 1}, {"l3s", 2}}, Doc: "layer at which packets are told apart"},
		{Key: "flag", Attr: unix.IFLA_IPVLAN_FLAGS, Wire: U16, Form: Enum, Default: "bridge", Enum: []Word{{"bridge", 0}, {"private", 1}, {"vepa", 2}}, Doc: "who talks to whom on the same link"},
	},
	Check: checkCarried,
}

var _ = kind(&ipvlanKind)

// checkCarried wants the link below.
func checkCarried(o *Object, faults *conf.Faults) {
	need(o, faults, "link", o.Values.Get("kind")+` = { link = "eth0" }`)
}
