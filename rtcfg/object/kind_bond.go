package object

import (
	"fmt"
	"slices"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

var bondModes = []Word{{"balance-rr", 0}, {"active-backup", 1}, {"balance-xor", 2}, {"broadcast", 3}, {"802.3ad", 4}, {"balance-tlb", 5}, {"balance-alb", 6}}

// bond: see Documentation/networking/bonding.rst. Delays are multiples of
// miimon; the kernel rounds them down.
var bondKind = Kind{
	Name: "bond", Kconfig: "CONFIG_BONDING", Module: "bonding",
	Rows: rowTable{
		{Key: "mode", Attr: unix.IFLA_BOND_MODE, Wire: U8, Form: Enum, Enum: bondModes, Default: "balance-rr", Cost: Detach, Doc: "who sends what over which port"},
		{Key: "miimon", Attr: unix.IFLA_BOND_MIIMON, Wire: U32, Form: Integer, Default: "0", Unit: "ms", Doc: "time between looks at the ports' carrier; 0: none"},
		{Key: "updelay", Attr: unix.IFLA_BOND_UPDELAY, Wire: U32, Form: Integer, Default: "0", Unit: "ms", Doc: "wait before a port that is back is used, a multiple of miimon"},
		{Key: "downdelay", Attr: unix.IFLA_BOND_DOWNDELAY, Wire: U32, Form: Integer, Default: "0", Unit: "ms", Doc: "wait before a port without carrier is left, a multiple of miimon"},
		{Key: "peer_notify_delay", Attr: unix.IFLA_BOND_PEER_NOTIF_DELAY, Wire: U32, Form: Integer, Default: "0", Unit: "ms", Rare: &Rare{Since: "5.3"}, Doc: "time between announcements, a multiple of miimon"},
		{Key: "use_carrier", Attr: unix.IFLA_BOND_USE_CARRIER, Wire: U8, Form: Boolean, Auto: true, Doc: "ask the carrier and not the driver"},
		{Key: "arp_interval", Attr: unix.IFLA_BOND_ARP_INTERVAL, Wire: U32, Form: Integer, Default: "0", Unit: "ms", Doc: "time between ARP requests; 0: none"},
		{Key: "arp_ip_target", Attr: unix.IFLA_BOND_ARP_IP_TARGET, Wire: Nested, Form: ipList, Max: 16, Empty: true, Doc: "addresses that are asked, as a list"},
		{Key: "ns_ip6_target", Attr: unix.IFLA_BOND_NS_IP6_TARGET, Wire: Nested, Form: ipList, Max: 16, Empty: true, Rare: &Rare{Since: "5.18"}, Doc: "IPv6 addresses that are asked, as a list"},
		{Key: "arp_validate", Attr: unix.IFLA_BOND_ARP_VALIDATE, Wire: U32, Form: Enum, Default: "none", Doc: "which ports' answers are looked at",
			Enum: []Word{{"none", 0}, {"active", 1}, {"backup", 2}, {"all", 3}, {"filter", 4}, {"filter_active", 5}, {"filter_backup", 6}}},
		{Key: "arp_all_targets", Attr: unix.IFLA_BOND_ARP_ALL_TARGETS, Wire: U32, Form: Enum, Enum: []Word{{"any", 0}, {"all", 1}}, Default: "any", Doc: "how many must answer"},
		{Key: "arp_missed_max", Attr: unix.IFLA_BOND_MISSED_MAX, Wire: U8, Form: Integer, Min: 1, Default: "2", Rare: &Rare{Since: "5.17"}, Doc: "requests without answer after which a port is down"},
		{Key: "primary", Attr: unix.IFLA_BOND_PRIMARY, Wire: U32, Form: LinkRef, Late: true, Empty: true, Doc: "the port that is used whenever it is up"},
		{Key: "primary_reselect", Attr: unix.IFLA_BOND_PRIMARY_RESELECT, Wire: U8, Form: Enum, Enum: []Word{{"always", 0}, {"better", 1}, {"failure", 2}}, Default: "always", Doc: "when the primary port is taken again"},
		{Key: "fail_over_mac", Attr: unix.IFLA_BOND_FAIL_OVER_MAC, Wire: U8, Form: Enum, Enum: []Word{{"none", 0}, {"active", 1}, {"follow", 2}}, Default: "none", Cost: Detach, Doc: "whose MAC address the bond has"},
		{Key: "xmit_hash_policy", Attr: unix.IFLA_BOND_XMIT_HASH_POLICY, Wire: U8, Form: Enum, Default: "layer2", Doc: "what chooses the port of a packet",
			Enum: []Word{{"layer2", 0}, {"layer3+4", 1}, {"layer2+3", 2}, {"encap2+3", 3}, {"encap3+4", 4}, {"vlan+srcmac", 5}}},
		{Key: "resend_igmp", Attr: unix.IFLA_BOND_RESEND_IGMP, Wire: U32, Form: Integer, Max: 255, Default: "1", Doc: "IGMP reports after a change"},
		{Key: "num_grat_arp", Attr: unix.IFLA_BOND_NUM_PEER_NOTIF, Wire: U8, Form: Integer, Default: "1", Doc: "announcements after a change"},
		{Key: "all_slaves_active", Attr: unix.IFLA_BOND_ALL_SLAVES_ACTIVE, Wire: U8, Form: Boolean, Default: "false", Doc: "take packets from ports that are not in use, too"},
		{Key: "min_links", Attr: unix.IFLA_BOND_MIN_LINKS, Wire: U32, Form: Integer, Default: "0", Doc: "ports that must be up for carrier"},
		{Key: "lp_interval", Attr: unix.IFLA_BOND_LP_INTERVAL, Wire: U32, Form: Integer, Min: 1, Max: 1<<31 - 1, Default: "1", Unit: "s", Doc: "time between learning packets"},
		{Key: "packets_per_slave", Attr: unix.IFLA_BOND_PACKETS_PER_SLAVE, Wire: U32, Form: Integer, Max: 65535, Default: "1", Doc: "packets before the next port's turn"},
		{Key: "lacp_rate", Attr: unix.IFLA_BOND_AD_LACP_RATE, Wire: U8, Form: Enum, Enum: []Word{{"slow", 0}, {"fast", 1}}, Default: "slow", Cost: Down, Doc: "how often LACP is asked for"},
		{Key: "lacp_active", Attr: unix.IFLA_BOND_AD_LACP_ACTIVE, Wire: U8, Form: Boolean, Default: "true", Cost: Down, Rare: &Rare{Since: "5.15"}, Doc: "begin LACP"},
		{Key: "ad_select", Attr: unix.IFLA_BOND_AD_SELECT, Wire: U8, Form: Enum, Enum: []Word{{"stable", 0}, {"bandwidth", 1}, {"count", 2}}, Default: "stable", Cost: Down, Doc: "which aggregator is used"},
		{Key: "ad_actor_sys_prio", Attr: unix.IFLA_BOND_AD_ACTOR_SYS_PRIO, Wire: U16, Form: Integer, Min: 1, Default: "65535", Doc: "LACP system priority"},
		{Key: "ad_user_port_key", Attr: unix.IFLA_BOND_AD_USER_PORT_KEY, Wire: U16, Form: Integer, Max: 1023, Default: "0", Cost: Down, Doc: "upper bits of the LACP port key"},
		{Key: "ad_actor_system", Attr: unix.IFLA_BOND_AD_ACTOR_SYSTEM, Wire: Bytes, Form: MAC, Default: "00:00:00:00:00:00", Doc: "MAC address in LACP"},
		{Key: "tlb_dynamic_lb", Attr: unix.IFLA_BOND_TLB_DYNAMIC_LB, Wire: U8, Form: Boolean, Default: "true", Cost: Down, Doc: "balance by load"},
	},
	Port: rowTable{
		{Key: "queue_id", Attr: unix.IFLA_BOND_SLAVE_QUEUE_ID, Wire: U16, Form: Integer, Default: "0", Doc: "transmit queue of the bond that is this port's"},
		{Key: "prio", Attr: unix.IFLA_BOND_SLAVE_PRIO, Wire: S32, Form: Signed, Default: "0", Rare: &Rare{Since: "6.0"}, Doc: "who is next when the port in use fails"},
	},
	Check: checkBond,
}

var _ = kind(&bondKind)

// checkBond finds what the kernel refuses or silently rounds.
func checkBond(o *Object, faults *conf.Faults) {
	miimon := number(o.Values.Get("bond.miimon"))
	for _, key := range []string{"bond.updelay", "bond.downdelay", "bond.peer_notify_delay"} {
		delay := number(o.Values.Get(key))
		switch {
		case delay == 0:
		case miimon == 0:
			faults.Addf(o.Place(key), "add miimon = 100", "link %q has a %s and no miimon", o.Name, lastWord(key))
		case delay%miimon != 0:
			faults.Addf(o.Place(key), fmt.Sprintf("write %d", delay/miimon*miimon), "%s %d is not a multiple of miimon %d", lastWord(key), delay, miimon)
		}
	}
	if at := o.Where("bond.arp_interval"); !at.IsZero() && miimon > 0 && o.Values.Get("bond.arp_interval") != "0" {
		faults.Addf(at, "take out miimon or arp_interval", "link %q looks at its ports in two ways", o.Name)
	}
}

// ipList is a nest of addresses whose types count up from 0.
var ipList = &Form{"list of IP addresses", lists | texts, parseIPList, packIPList, unpackIPList}

func parseIPList(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.Array, `a list like ["192.0.2.1"]`); err != nil {
		return "", err
	}
	if len(n.Items) > int(r.Max) {
		return "", wrong(n, fmt.Sprintf("at most %d", r.Max), "%s has %d addresses", r.Key, len(n.Items))
	}
	var list []string
	for _, item := range n.Items {
		text, err := parseIP(r, item)
		if err != nil {
			return "", err
		}
		if !slices.Contains(list, text) {
			list = order.Also(list, text)
		}
	}
	return strings.Join(list, " "), nil
}

func packIPList(_ *Row, text string, _ Names) (value, error) {
	w := nlcore.NewAttrWriter(nil)
	for i, word := range strings.Fields(text) {
		a, err := ip.ParseAddr(word)
		if err != nil {
			return value{}, err
		}
		w.Raw(uint16(i), a.Bytes())
	}
	return value{raw: w.Bytes()}, nil
}

func unpackIPList(_ *Row, v value, _ Names) (string, error) {
	var list []string
	for a, err := range nlcore.Attrs(v.raw) {
		if err != nil {
			return "", err
		}
		if target, ok := ip.FromBytes(a.Data); ok && !target.IsUnspecified() {
			list = order.Also(list, target.String())
		}
	}
	return strings.Join(list, " "), nil
}
