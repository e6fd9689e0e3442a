package nlcore

// A KnownFamily says what brings a generic netlink family, and since which
// version of Linux where that is after 6.1.
type KnownFamily struct{ Name, Kconfig, Module, Since string }

// KnownFamilies lists them by name.
func KnownFamilies() []KnownFamily { return knownFamilies }

// knownFamilies are those that routers and their tools ask for; options and
// modules are those of Linux 6.1. Nothing writes to it.
var knownFamilies = []KnownFamily{
	{"batadv", "CONFIG_BATMAN_ADV", "batman_adv", ""},
	{"devlink", "CONFIG_NET_DEVLINK", "", ""},
	{"dpll", "CONFIG_DPLL", "", "6.7"},
	{"ethtool", "CONFIG_ETHTOOL_NETLINK", "", ""},
	{"fou", "CONFIG_NET_FOU", "fou", ""},
	{"gtp", "CONFIG_GTP", "gtp", ""},
	{"handshake", "CONFIG_NET_HANDSHAKE", "", "6.4"},
	{"HSR", "CONFIG_HSR", "hsr", ""},
	{"ila", "CONFIG_IPV6_ILA", "ila", ""},
	{"IOAM6", "CONFIG_IPV6", "ipv6", ""},
	{"IPVS", "CONFIG_IP_VS", "ip_vs", ""},
	{"l2tp", "CONFIG_L2TP_V3", "l2tp_netlink", ""},
	{"macsec", "CONFIG_MACSEC", "macsec", ""},
	{"mptcp_pm", "CONFIG_MPTCP", "", ""},
	{"NET_DM", "CONFIG_NET_DROP_MONITOR", "drop_monitor", ""},
	{"netdev", "CONFIG_NET", "", "6.3"},
	{"nfc", "CONFIG_NFC", "nfc", ""},
	{"nl80211", "CONFIG_CFG80211", "cfg80211", ""},
	{"nl802154", "CONFIG_IEEE802154", "ieee802154", ""},
	{"ovpn", "CONFIG_OVPN", "ovpn", "6.16"},
	{"ovs_ct_limit", "CONFIG_OPENVSWITCH", "openvswitch", ""},
	{"ovs_datapath", "CONFIG_OPENVSWITCH", "openvswitch", ""},
	{"ovs_flow", "CONFIG_OPENVSWITCH", "openvswitch", ""},
	{"ovs_meter", "CONFIG_OPENVSWITCH", "openvswitch", ""},
	{"ovs_packet", "CONFIG_OPENVSWITCH", "openvswitch", ""},
	{"ovs_vport", "CONFIG_OPENVSWITCH", "openvswitch", ""},
	{"psample", "CONFIG_PSAMPLE", "psample", ""},
	{"SEG6", "CONFIG_IPV6", "ipv6", ""},
	{"SMC_GEN_NETLINK", "CONFIG_SMC", "smc", ""},
	{"TASKSTATS", "CONFIG_TASKSTATS", "", ""},
	{"tcp_metrics", "CONFIG_INET", "", ""},
	{"team", "CONFIG_NET_TEAM", "team", ""},
	{"thermal", "CONFIG_THERMAL_NETLINK", "", ""},
	{"TIPCv2", "CONFIG_TIPC", "tipc", ""},
	{"VFS_DQUOT", "CONFIG_QUOTA_NETLINK_INTERFACE", "", ""},
	{"wireguard", "CONFIG_WIREGUARD", "wireguard", ""},
}
