package object

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// Rule is a rule of the routing policy database; see ip-rule(8) and
// linux/fib_rules.h. Its header is struct fib_rule_hdr.
const Rule Class = "rule"

var families = []Word{{"inet", unix.AF_INET}, {"inet6", unix.AF_INET6}}

var ruleTypes = []Word{
	{"table", unix.FR_ACT_TO_TBL}, {"goto", unix.FR_ACT_GOTO}, {"nop", unix.FR_ACT_NOP}, {"blackhole", unix.FR_ACT_BLACKHOLE},
	{"unreachable", unix.FR_ACT_UNREACHABLE}, {"prohibit", unix.FR_ACT_PROHIBIT},
}

// noLimit is what the kernel shows for a suppression that is not on: -1.
const noLimit = "4294967295"

// Every selector is part of a rule's identity: the kernel has no other.
var ruleSpec = Spec{
	Class: Rule, Section: "rule", Doc: "rules of the routing policy, as `ip rule`", Kconfig: "CONFIG_IP_MULTIPLE_TABLES",
	New: unix.RTM_NEWRULE, Del: unix.RTM_DELRULE, Get: unix.RTM_GETRULE, Header: 12,
	Key: []string{"priority", "family", "not", "from", "to", "iif", "oif", "fwmark", "tos", "ipproto", "sport", "dport", "uidrange", "l3mdev",
		"type", "goto", "table", "suppress_prefixlength", "suppress_ifgroup"},
	Mark: Row{Key: "protocol", Attr: unix.FRA_PROTOCOL, Wire: U8, Form: Integer},
	Rows: rowTable{
		{Key: "priority", Attr: unix.FRA_PRIORITY, Wire: U32, Form: Integer, Rare: &Rare{Need: "priority = 1000"}, Doc: "rules are asked in ascending order; main is 32766"},
		{Key: "family", Attr: 0, Wire: Head8, Form: Enum, Enum: families, Default: "inet", Doc: "the family of the packets, where no address says it"},
		{Key: "not", Attr: 8, Wire: HeadBits, Bit: unix.FIB_RULE_INVERT, Form: Boolean, Default: "false", Doc: "the rule is for packets that the selectors do not fit"},
		{Key: "from", Attr: unix.FRA_SRC, Wire: Bytes, Form: Prefix, Len: 2, Doc: "source prefix"},
		{Key: "to", Attr: unix.FRA_DST, Wire: Bytes, Form: Prefix, Len: 1, Doc: "destination prefix"},
		{Key: "iif", Attr: unix.FRA_IIFNAME, Wire: Text, Form: LinkName, Doc: "link that the packet came in by; lo: packets of this machine"},
		{Key: "oif", Attr: unix.FRA_OIFNAME, Wire: Text, Form: LinkName, Doc: "link that the socket is bound to"},
		{Key: "fwmark", Attr: unix.FRA_FWMARK, Mask: unix.FRA_FWMASK, Wire: U32, Form: Masked, Doc: "mark of the packet, or mark/mask"},
		{Key: "tos", Attr: 3, Wire: Head8, Form: Code, Default: "0", Doc: "type of service"},
		{Key: "ipproto", Attr: unix.FRA_IP_PROTO, Wire: U8, Form: Code, Enum: ipProtocols, Default: "0", Rare: &Rare{Since: "4.17"}, Doc: "protocol above IP: a number or tcp, udp, sctp, icmp, ipv6-icmp, gre, esp, ah"},
		{Key: "sport", Attr: unix.FRA_SPORT_RANGE, Wire: Bytes, Form: PortRange, Doc: "source port, or a range of them"},
		{Key: "dport", Attr: unix.FRA_DPORT_RANGE, Wire: Bytes, Form: PortRange, Doc: "destination port, or a range of them"},
		{Key: "uidrange", Attr: unix.FRA_UID_RANGE, Wire: Bytes, Form: UIDRange, Doc: "user who owns the socket, or a range of them"},
		{Key: "l3mdev", Attr: unix.FRA_L3MDEV, Wire: U8, Form: Boolean, Default: "false", Kconfig: "CONFIG_NET_L3_MASTER_DEV", Doc: "the table of the VRF that the packet belongs to"},
		{Key: "type", Attr: 7, Wire: Head8, Form: Enum, Enum: ruleTypes, Default: "table", Doc: "what happens to packets"},
		{Key: "goto", Attr: unix.FRA_GOTO, Wire: U32, Form: Integer, Doc: "priority of the rule to go on with"},
		{Key: "table", Attr: unix.FRA_TABLE, Wire: U32, Form: Table, Default: "0", Doc: "routing table to look into"},
		{Key: "suppress_prefixlength", Attr: unix.FRA_SUPPRESS_PREFIXLEN, Wire: U32, Form: Integer, Max: 128, Default: noLimit, Doc: "pass over routes with a prefix of that length or shorter"},
		{Key: "suppress_ifgroup", Attr: unix.FRA_SUPPRESS_IFGROUP, Wire: U32, Form: Integer, Max: 1<<31 - 1, Default: noLimit, Doc: "pass over routes by way of links of that group"},
	},
	Derive: deriveRule, Check: checkRule,
}

var _ = spec(&ruleSpec)

func deriveRule(v Values) {
	setDefault(v, "priority", "0") // which the kernel does not tell
	if family := textFamily(v.Get("from"), v.Get("to")); family != "" {
		v.Set("family", family)
	}
	if v.Get("goto") != "" {
		v.Set("type", "goto")
	}
}

func checkRule(o *Object, faults *conf.Faults) {
	v := o.Values
	looks := v.Get("table") != "" || v.Get("l3mdev") != ""
	switch typ := v.Get("type"); {
	case v.Get("from") != "" && v.Get("to") != "" && textFamily(v.Get("from")) != textFamily(v.Get("to")):
		faults.Addf(o.Place("to"), "use addresses of one family", "rule %s has from %s and to %s of the other family", v.Get("priority"), v.Get("from"), v.Get("to"))
	case typ == "" && !looks:
		faults.Addf(o.Pos, "add table = 100, or goto, l3mdev or a type", "rule %s leads nowhere", v.Get("priority"))
	case v.Get("table") != "" && v.Get("l3mdev") != "":
		faults.Addf(o.Place("table"), "take out table or l3mdev", "rule %s has two tables to look into", v.Get("priority"))
	case typ != "" && looks:
		faults.Addf(o.Place("type"), "take out the table or the type", "rule %s looks into a table and is of type %s", v.Get("priority"), typ)
	case typ == "goto" && v.Get("goto") == "":
		faults.Addf(o.Place("type"), "add goto = 2000", "rule %s goes to no other", v.Get("priority"))
	case typ == "goto" && number(v.Get("goto")) <= number(v.Get("priority")):
		faults.Addf(o.Place("goto"), "name a higher priority", "rule %s goes back to %s", v.Get("priority"), v.Get("goto"))
	}
}
