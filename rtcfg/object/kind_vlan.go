package object

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

var vlanKind = Kind{
	Name: "vlan", Kconfig: "CONFIG_VLAN_8021Q", Module: "8021q",
	Rows: rowTable{
		{Key: "link", Attr: unix.IFLA_LINK, Wire: U32, Form: LinkRef, Cost: Recreate, Top: true, Carries: true,
			Doc: "the link that carries the tagged frames"},
		{Key: "id", Attr: unix.IFLA_VLAN_ID, Wire: U16, Form: Integer, Min: 1, Max: 4094, Cost: Recreate,
			Doc: "VLAN ID; 0 and 4095 are reserved by 802.1Q"},
		{Key: "protocol", Attr: unix.IFLA_VLAN_PROTOCOL, Wire: Be16, Form: Enum, Cost: Recreate,
			Enum: []Word{{"802.1Q", unix.ETH_P_8021Q}, {"802.1ad", unix.ETH_P_8021AD}},
			Doc:  "tag protocol"},
	},
	Check: checkVLAN,
}

var _ = kind(&vlanKind)

func checkVLAN(o *Object, faults *conf.Faults) {
	k := LookupKind("vlan")
	k.need(o, faults, "link", `vlan = { link = "wan", id = 7 }`)
	k.need(o, faults, "id", `vlan = { link = "wan", id = 7 }`)
}
