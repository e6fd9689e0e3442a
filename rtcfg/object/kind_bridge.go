package object

import "golang.org/x/sys/unix"

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
		{Key: "mcast_router", Attr: unix.IFLA_BR_MCAST_ROUTER, Wire: U8, Form: Integer, Max: 2, Default: "1", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "multicast routers on the bridge itself: 0 none, 1 found out, 2 always"},
		{Key: "mcast_query_use_ifaddr", Attr: unix.IFLA_BR_MCAST_QUERY_USE_IFADDR, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "queries carry the bridge's address"},
		{Key: "mcast_hash_max", Attr: unix.IFLA_BR_MCAST_HASH_MAX, Wire: U32, Form: Integer, Min: 1, Default: "4096", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "most groups"},
		{Key: "mcast_last_member_count", Attr: unix.IFLA_BR_MCAST_LAST_MEMBER_CNT, Wire: U32, Form: Integer, Default: "2", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "queries after a leave"},
		{Key: "mcast_startup_query_count", Attr: unix.IFLA_BR_MCAST_STARTUP_QUERY_CNT, Wire: U32, Form: Integer, Default: "2", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "queries at start"},
		{Key: "mcast_last_member_interval", Attr: unix.IFLA_BR_MCAST_LAST_MEMBER_INTVL, Wire: U64, Form: Integer, Unit: centiseconds, Same: sameTicks, Default: "100", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "time between queries after a leave"},
		{Key: "mcast_membership_interval", Attr: unix.IFLA_BR_MCAST_MEMBERSHIP_INTVL, Wire: U64, Form: Integer, Unit: centiseconds, Same: sameTicks, Default: "26000", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "life of a membership"},
		{Key: "mcast_querier_interval", Attr: unix.IFLA_BR_MCAST_QUERIER_INTVL, Wire: U64, Form: Integer, Unit: centiseconds, Same: sameTicks, Default: "25500", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "silence after which another querier is gone"},
		{Key: "mcast_query_interval", Attr: unix.IFLA_BR_MCAST_QUERY_INTVL, Wire: U64, Form: Integer, Min: 100, Unit: centiseconds, Same: sameTicks, Default: "12500", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "time between queries"},
		{Key: "mcast_query_response_interval", Attr: unix.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, Wire: U64, Form: Integer, Unit: centiseconds, Same: sameTicks, Default: "1000", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "time to answer a query"},
		{Key: "mcast_startup_query_interval", Attr: unix.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, Wire: U64, Form: Integer, Min: 100, Unit: centiseconds, Same: sameTicks, Default: "3125", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "time between queries at start"},
		{Key: "mcast_stats_enabled", Attr: unix.IFLA_BR_MCAST_STATS_ENABLED, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "count IGMP and MLD"},
		{Key: "mcast_igmp_version", Attr: unix.IFLA_BR_MCAST_IGMP_VERSION, Wire: U8, Form: Integer, Min: 2, Max: 3, Default: "2", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "IGMP version of queries"},
		{Key: "mcast_mld_version", Attr: unix.IFLA_BR_MCAST_MLD_VERSION, Wire: U8, Form: Integer, Min: 1, Max: 2, Default: "1", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "MLD version of queries"},
		{Key: "mcast_vlan_snooping", Attr: unix.IFLA_BR_MULTI_BOOLOPT, Wire: Bits, Bit: 1 << 1, Form: Boolean, Default: "false", Rare: &Rare{Since: "5.15"}, Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING", Doc: "snooping for each VLAN"},
		{Key: "no_linklocal_learn", Attr: unix.IFLA_BR_MULTI_BOOLOPT, Wire: Bits, Bit: 1 << 0, Form: Boolean, Default: "false", Rare: &Rare{Since: "5.0"}, Doc: "learn nothing from link-local frames"},
		{Key: "vlan_stats_enabled", Attr: unix.IFLA_BR_VLAN_STATS_ENABLED, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING", Doc: "count for each VLAN"},
		{Key: "vlan_stats_per_port", Attr: unix.IFLA_BR_VLAN_STATS_PER_PORT, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING", Doc: "and for each port of it; set while there are no VLANs on ports"},
		{Key: "nf_call_iptables", Attr: unix.IFLA_BR_NF_CALL_IPTABLES, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_NETFILTER", Doc: "bridged IPv4 packets pass the filters"},
		{Key: "nf_call_ip6tables", Attr: unix.IFLA_BR_NF_CALL_IP6TABLES, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_NETFILTER", Doc: "bridged IPv6 packets pass the filters"},
		{Key: "nf_call_arptables", Attr: unix.IFLA_BR_NF_CALL_ARPTABLES, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_NETFILTER", Doc: "bridged ARP passes the filters"},
		{Key: "group_address", Attr: unix.IFLA_BR_GROUP_ADDR, Wire: Bytes, Form: MAC, Default: "01:80:c2:00:00:00", Doc: "address of STP frames"},
		{Key: "fdb_max_learned", Attr: unix.IFLA_BR_FDB_MAX_LEARNED, Wire: U32, Form: Integer, Default: "0", Rare: &Rare{Since: "6.7"}, Doc: "most learnt addresses; 0: no limit"},
	},
	// Not among them: state, which the spanning tree sets, and a port's carrier.
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
		{Key: "mcast_router", Attr: unix.IFLA_BRPORT_MULTICAST_ROUTER, Wire: U8, Form: Integer, Max: 3, Default: "1", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "multicast routers behind the port: 0 none, 1 found out, 2 always, 3 found out and told"},
		{Key: "mcast_to_unicast", Attr: unix.IFLA_BRPORT_MCAST_TO_UCAST, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_BRIDGE_IGMP_SNOOPING", Doc: "send multicast to each member alone"},
		{Key: "mcast_max_groups", Attr: unix.IFLA_BRPORT_MCAST_MAX_GROUPS, Wire: U32, Form: Integer, Default: "0", Rare: &Rare{Since: "6.3"}, Doc: "most groups; 0: no limit"},
		{Key: "proxy_arp", Attr: unix.IFLA_BRPORT_PROXYARP, Wire: U8, Form: Boolean, Default: "false", Doc: "answer ARP on behalf of others"},
		{Key: "proxy_arp_wifi", Attr: unix.IFLA_BRPORT_PROXYARP_WIFI, Wire: U8, Form: Boolean, Default: "false", Doc: "the same, as 802.11 wants it"},
		{Key: "vlan_tunnel", Attr: unix.IFLA_BRPORT_VLAN_TUNNEL, Wire: U8, Form: Boolean, Default: "false", Doc: "VLANs are tunnels' networks"},
		{Key: "neigh_vlan_suppress", Attr: unix.IFLA_BRPORT_NEIGH_VLAN_SUPPRESS, Wire: U8, Form: Boolean, Default: "false", Rare: &Rare{Since: "6.4"}, Doc: "neigh_suppress for each VLAN"},
		{Key: "group_fwd_mask", Attr: unix.IFLA_BRPORT_GROUP_FWD_MASK, Wire: U16, Form: Integer, Default: "0", Doc: "link-local groups that are forwarded, a bit each"},
		{Key: "locked", Attr: unix.IFLA_BRPORT_LOCKED, Wire: U8, Form: Boolean, Default: "false", Rare: &Rare{Since: "5.18"}, Doc: "take frames from known addresses only"},
		{Key: "mab", Attr: unix.IFLA_BRPORT_MAB, Wire: U8, Form: Boolean, Default: "false", Rare: &Rare{Since: "6.2"}, Doc: "with locked: note who would like to be let in"},
		{Key: "backup_port", Attr: unix.IFLA_BRPORT_BACKUP_PORT, Wire: U32, Form: LinkRef, Empty: true, Rare: &Rare{Since: "4.20"}, Doc: "the port that takes over when this one loses carrier"},
	},
}

var _ = kind(&bridgeKind)
