package object

import (
	"strconv"

	"golang.org/x/sys/unix"
)

const centiseconds = "1/100 s"

// bridge: times are in clock ticks of 1/100 s (USER_HZ) in messages and in
// the kernel in jiffies, so a value may come back one smaller.
var bridgeKind = Kind{
	Name: "bridge", Kconfig: "CONFIG_BRIDGE", Module: "bridge",
	Rows: rowTable{
		{Key: "stp_state", Attr: unix.IFLA_BR_STP_STATE, Wire: U32, Form: Boolean, Default: "false", Doc: "spanning tree by the kernel"},
		{Key: "forward_delay", Attr: unix.IFLA_BR_FORWARD_DELAY, Wire: U32, Form: Integer, Max: 3000, Unit: centiseconds, Same: sameTicks, Default: "1500", Doc: "time in listening and learning state; STP wants 200 to 3000"},
		{Key: "hello_time", Attr: unix.IFLA_BR_HELLO_TIME, Wire: U32, Form: Integer, Min: 100, Max: 1000, Unit: centiseconds, Same: sameTicks, Default: "200", Doc: "time between STP hellos"},
		{Key: "max_age", Attr: unix.IFLA_BR_MAX_AGE, Wire: U32, Form: Integer, Min: 600, Max: 4000, Unit: centiseconds, Same: sameTicks, Default: "2000", Doc: "age at which STP information is dropped"},
		{Key: "ageing_time", Attr: unix.IFLA_BR_AGEING_TIME, Wire: U32, Form: Integer, Unit: centiseconds, Same: sameTicks, Default: "30000", Doc: "age at which learnt addresses are dropped"},
		{Key: "priority", Attr: unix.IFLA_BR_PRIORITY, Wire: U16, Form: Integer, Default: "32768", Doc: "STP bridge priority"},
		{Key: "group_fwd_mask", Attr: unix.IFLA_BR_GROUP_FWD_MASK, Wire: U16, Form: Integer, Default: "0", Doc: "link-local groups that are forwarded, a bit each"},
		{Key: "vlan_filtering", Attr: unix.IFLA_BR_VLAN_FILTERING, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING", Doc: "honour VLAN tags"},
		{Key: "vlan_protocol", Attr: unix.IFLA_BR_VLAN_PROTOCOL, Wire: Be16, Form: Enum,
			Enum: []Word{{"802.1Q", unix.ETH_P_8021Q}, {"802.1ad", unix.ETH_P_8021AD}}, Default: "802.1Q", Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING", Doc: "tag protocol"},
		{Key: "vlan_default_pvid", Attr: unix.IFLA_BR_VLAN_DEFAULT_PVID, Wire: U16, Form: Integer, Max: 4094, Default: "1", Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING", Doc: "VLAN of untagged frames on new ports; 0: none"},
		{Key: "mcast_snooping", Attr: unix.IFLA_BR_MCAST_SNOOPING, Wire: U8, Form: Boolean, Default: "true", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "IGMP and MLD snooping"},
		{Key: "mcast_querier", Attr: unix.IFLA_BR_MCAST_QUERIER, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "send IGMP and MLD queries"},
	},
	Port: rowTable{
		{Key: "cost", Attr: unix.IFLA_BRPORT_COST, Wire: U32, Form: Integer, Min: 1, Max: 65535, Doc: "STP path cost"},
		{Key: "priority", Attr: unix.IFLA_BRPORT_PRIORITY, Wire: U16, Form: Integer, Max: 63, Default: "32", Doc: "STP port priority"},
		{Key: "hairpin", Attr: unix.IFLA_BRPORT_MODE, Wire: U8, Form: Boolean, Default: "false", Doc: "may send frames back out of the port that they came in by"},
		{Key: "guard", Attr: unix.IFLA_BRPORT_GUARD, Wire: U8, Form: Boolean, Default: "false", Doc: "BPDU guard"},
		{Key: "root_block", Attr: unix.IFLA_BRPORT_PROTECT, Wire: U8, Form: Boolean, Default: "false", Doc: "never becomes the root port"},
		{Key: "fastleave", Attr: unix.IFLA_BRPORT_FAST_LEAVE, Wire: U8, Form: Boolean, Default: "false", Doc: "leave a multicast group at the first word"},
		{Key: "learning", Attr: unix.IFLA_BRPORT_LEARNING, Wire: U8, Form: Boolean, Default: "true", Doc: "learn source addresses"},
		{Key: "flood", Attr: unix.IFLA_BRPORT_UNICAST_FLOOD, Wire: U8, Form: Boolean, Default: "true", Doc: "flood unknown unicast to this port"},
		{Key: "mcast_flood", Attr: unix.IFLA_BRPORT_MCAST_FLOOD, Wire: U8, Form: Boolean, Default: "true", Doc: "flood unknown multicast to this port"},
		{Key: "bcast_flood", Attr: unix.IFLA_BRPORT_BCAST_FLOOD, Wire: U8, Form: Boolean, Default: "true", Doc: "flood broadcast to this port"},
		{Key: "neigh_suppress", Attr: unix.IFLA_BRPORT_NEIGH_SUPPRESS, Wire: U8, Form: Boolean, Default: "false", Doc: "answer ARP and ND on behalf of others"},
		{Key: "isolated", Attr: unix.IFLA_BRPORT_ISOLATED, Wire: U8, Form: Boolean, Default: "false", Doc: "talks to ports that are not isolated only"},
	},
}

var _ = kind(&bridgeKind)

// sameTicks allows for what a trip through jiffies takes away.
func sameTicks(want, have string) bool {
	w, err1 := strconv.ParseInt(want, 10, 64)
	h, err2 := strconv.ParseInt(have, 10, 64)
	return err1 == nil && err2 == nil && w-h >= 0 && w-h <= 1
}
