package nlcore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Bus is one of the 32 netlink protocols, NETLINK_* in linux/netlink.h.
type Bus struct {
	_ [0]func() // no equality: it would be code

	Number  int
	Name    string // the kernel's, in lower case without NETLINK_; "" for a free number
	Alias   string // another name in use
	Purpose string
	Kconfig string // the option that brings it today; "" when none does
	Module  string // what provides it when it is not built in
	History string
	Mend    string // what to do without it, where that is not to switch on Kconfig
}

// busCount is the kernel's MAX_LINKS.
const busCount = 32

// Buses gives the table of all 32, in order of their numbers. Kconfig and
// module are those of Linux 6.1.
func Buses() []Bus {
	all := make([]Bus, 0, busCount)
	for _, b := range knownBuses {
		for len(all) < b.Number {
			all = append(all, freeBus(len(all)))
		}
		all = append(all, b)
	}
	for len(all) < busCount {
		all = append(all, freeBus(len(all)))
	}
	return all
}

// LookupBus finds a bus by its number, by its kernel name in any case, with or
// without "NETLINK_", or by its alias.
func LookupBus(nameOrNumber string) (Bus, bool) {
	if n, err := strconv.Atoi(nameOrNumber); err == nil {
		return busOf(n), n >= 0 && n < busCount
	}
	name := strings.TrimPrefix(lower(nameOrNumber), "netlink_")
	for _, b := range knownBuses {
		if name != "" && (name == b.Name || name == b.Alias) {
			return b, true
		}
	}
	return Bus{}, false
}

// String gives "netlink bus 11 (connector)".
func (b Bus) String() string {
	switch {
	case b.Alias != "" && b.Alias != b.Name:
		return fmt.Sprintf("netlink bus %d (%s, %s)", b.Number, b.Alias, b.Name)
	case b.Name != "":
		return fmt.Sprintf("netlink bus %d (%s)", b.Number, b.Name)
	}
	return fmt.Sprintf("netlink bus %d", b.Number)
}

// lower is strings.ToLower for ASCII.
func lower(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

// busOf gives the row of a number.
func busOf(n int) Bus {
	i := slices.IndexFunc(knownBuses, func(b Bus) bool { return b.Number == n })
	if i < 0 {
		return freeBus(n)
	}
	return knownBuses[i]
}

// freeBus is the row of a number that Linux uses for nothing.
func freeBus(n int) Bus {
	b := Bus{Number: n, Purpose: "free", Mend: "load the module that registers this number"}
	switch {
	case n < 0 || n >= busCount:
		b.Purpose, b.Mend = "impossible", "use a number from 0 to 31"
	case n == 17:
		b.Purpose, b.History = "free", "kept for device-mapper events, which never came"
	case n == 30:
		b.History = "staging driver gdm724x (NETLINK_LTE)"
	}
	return b
}

// hellobye is the mend of the two numbers that the hellobye module takes.
const hellobye = "load the hellobye module"

// knownBuses are the numbers with a name, in order. Nothing writes to it.
var knownBuses = []Bus{
	{
		Number: unix.NETLINK_ROUTE, Name: "route",
		Purpose: "links, addresses, routes, rules, neighbours, queueing",
		Kconfig: "CONFIG_NET", History: "always",
	},
	{
		Number: unix.NETLINK_UNUSED, Name: "unused",
		Purpose: "nothing",
		History: "SKIP until 2.6.12; until 2.6.32 any number could be opened",
		Mend:    "use bus 2 (usersock) between programs, generic netlink for a family of your own",
	},
	{
		Number: unix.NETLINK_USERSOCK, Name: "usersock",
		Purpose: "messages between programs; the kernel takes no part",
		Kconfig: "CONFIG_NET", History: "always",
	},
	{
		Number: unix.NETLINK_FIREWALL, Name: "firewall",
		Purpose: "packets queued by ip_queue",
		History: "CONFIG_IP_NF_QUEUE (ip_queue), removed in 3.5",
		Mend:    "use nfnetlink_queue on bus 12 (netfilter)",
	},
	{
		Number: unix.NETLINK_SOCK_DIAG, Name: "sock_diag", Alias: "inet_diag",
		Purpose: "sockets and their state; handlers are modules net-pf-16-proto-4-type-N",
		Kconfig: "CONFIG_NET", History: "TCPDIAG in 2.6.9, INET_DIAG until 3.3",
	},
	{
		Number: unix.NETLINK_NFLOG, Name: "nflog",
		Purpose: "packets logged by ULOG",
		History: "CONFIG_IP_NF_TARGET_ULOG (ipt_ULOG), removed in 3.17",
		Mend:    "use nfnetlink_log on bus 12 (netfilter)",
	},
	{
		Number: unix.NETLINK_XFRM, Name: "xfrm",
		Purpose: "IPsec policies and states",
		Kconfig: "CONFIG_XFRM_USER", Module: "xfrm_user", History: "since 2.5",
	},
	{
		Number: unix.NETLINK_SELINUX, Name: "selinux",
		Purpose: "SELinux events",
		Kconfig: "CONFIG_SECURITY_SELINUX", History: "since 2.6; there even when SELinux is not enabled",
	},
	{
		Number: unix.NETLINK_ISCSI, Name: "iscsi",
		Purpose: "iSCSI sessions",
		Kconfig: "CONFIG_SCSI_ISCSI_ATTRS", Module: "scsi_transport_iscsi", History: "since 2.6.15; ARPD in 2.6.9",
	},
	{
		Number: unix.NETLINK_AUDIT, Name: "audit",
		Purpose: "audit rules and records",
		Kconfig: "CONFIG_AUDIT", History: "since 2.6.6",
	},
	{
		Number: unix.NETLINK_FIB_LOOKUP, Name: "fib_lookup",
		Purpose: "look-ups in the IPv4 routing table",
		Kconfig: "CONFIG_INET", History: "since 2.6.13",
	},
	{
		Number: unix.NETLINK_CONNECTOR, Name: "connector",
		Purpose: "kernel connector; process events with CONFIG_PROC_EVENTS",
		Kconfig: "CONFIG_CONNECTOR", Module: "cn", History: "since 2.6.14; ROUTE6 in 2.6.9",
	},
	{
		Number: unix.NETLINK_NETFILTER, Name: "netfilter",
		Purpose: "nftables, conntrack, nfnetlink_log and nfnetlink_queue",
		Kconfig: "CONFIG_NETFILTER_NETLINK", Module: "nfnetlink", History: "since 2.6.14",
	},
	{
		Number: unix.NETLINK_IP6_FW, Name: "ip6_fw",
		Purpose: "packets queued by ip6_queue",
		History: "CONFIG_IP6_NF_QUEUE (ip6_queue), removed in 3.5",
		Mend:    "use nfnetlink_queue on bus 12 (netfilter)",
	},
	{
		Number: unix.NETLINK_DNRTMSG, Name: "dnrtmsg",
		Purpose: "DECnet routing messages",
		History: "CONFIG_DECNET_NF_GRABULATOR (dn_rtmsg), removed with DECnet in 6.1",
		Mend:    "nothing brings it back; DECnet is gone",
	},
	{
		Number: unix.NETLINK_KOBJECT_UEVENT, Name: "kobject_uevent", Alias: "uevent",
		Purpose: "device events, as text and not as netlink messages",
		Kconfig: "CONFIG_NET", History: "since 2.6.10; needed CONFIG_HOTPLUG until 3.9",
	},
	{
		Number: unix.NETLINK_GENERIC, Name: "generic",
		Purpose: "families by name: ethtool, nl80211, wireguard, devlink and more",
		Kconfig: "CONFIG_NET", History: "since 2.6.15",
	},
	{
		Number: unix.NETLINK_SCSITRANSPORT, Name: "scsitransport",
		Purpose: "events of SCSI transports",
		Kconfig: "CONFIG_SCSI_NETLINK", Module: "scsi_mod", History: "since 2.6.19",
	},
	{
		Number: unix.NETLINK_ECRYPTFS, Name: "ecryptfs", Alias: "hello",
		Purpose: "eCryptfs, long ago; the hello side of the hellobye module",
		History: "eCryptfs from 2.6.20 to 2.6.28; still reserved, free in practice",
		Mend:    hellobye,
	},
	{
		Number: unix.NETLINK_RDMA, Name: "rdma",
		Purpose: "InfiniBand and RDMA",
		Kconfig: "CONFIG_INFINIBAND", Module: "ib_core", History: "since 3.0",
	},
	{
		Number: unix.NETLINK_CRYPTO, Name: "crypto", Alias: "bye",
		Purpose: "crypto algorithms; the bye side of the hellobye module",
		Kconfig: "CONFIG_CRYPTO_USER", Module: "crypto_user", History: "since 3.2; in each network namespace since 5.x",
		Mend: hellobye + "; for the crypto interface: CONFIG_CRYPTO_USER, module crypto_user",
	},
	{
		Number: unix.NETLINK_SMC, Name: "smc",
		Purpose: "nothing",
		History: "a number only: smc_diag is on bus 4, SMC's own family on bus 16",
		Mend:    "use bus 4 (sock_diag) or bus 16 (generic)",
	},
}
