package nlcore

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// controlTypes are the message types that every bus has, from NLMSG_NOOP = 1.
var controlTypes = [...]string{"NLMSG_NOOP", "NLMSG_ERROR", "NLMSG_DONE", "NLMSG_OVERRUN"}

// A routeObject is what four message types of the route bus are about, and
// the length of the fixed structure in front of the attributes.
type routeObject struct {
	name   string
	header int
}

// routeObjects are RTM_* of linux/rtnetlink.h without the verb, from RTM_BASE
// on, four numbers each.
var routeObjects = [...]routeObject{
	{"LINK", 16}, {"ADDR", 8}, {"ROUTE", 12}, {"NEIGH", 12}, {"RULE", 12}, {"QDISC", 20}, {"TCLASS", 20},
	{"TFILTER", 20}, {"ACTION", 4}, {"PREFIX", 12}, {"MULTICAST", 8}, {"ANYCAST", 8}, {"NEIGHTBL", 4},
	{"NDUSEROPT", 16}, {"ADDRLABEL", 12}, {"DCB", 4}, {"NETCONF", 4}, {"MDB", 8}, {"NSID", 4}, {"STATS", 12},
	{"CACHEREPORT", 4}, {"CHAIN", 20}, {"NEXTHOP", 8}, {"LINKPROP", 16}, {"VLAN", 8}, {"NEXTHOPBUCKET", 8},
	{"TUNNEL", 8},
}

// verbs of the route bus, in the order of their numbers.
const (
	verbNew = iota
	verbDelete
	verbGet
	verbSet
)

// routeType takes a message type of the route bus apart.
func routeType(typ uint16) (o routeObject, verb int, ok bool) {
	i := int(typ) - unix.RTM_BASE
	if i < 0 || i/4 >= len(routeObjects) {
		return routeObject{}, 0, false
	}
	return routeObjects[i/4], i % 4, true
}

// HeaderLength gives the length of the fixed structure between a message's header
// and its attributes; 0 where none is known.
func HeaderLength(bus int, typ uint16) int {
	switch bus {
	case unix.NETLINK_ROUTE:
		o, _, _ := routeType(typ)
		return o.header
	case unix.NETLINK_GENERIC, unix.NETLINK_NETFILTER:
		return 4 // struct genlmsghdr, struct nfgenmsg
	}
	return 0
}

// TypeName gives the kernel's name of a message type: "RTM_NEWLINK" on the
// route bus, "GENL_ID_CTRL" on the generic one, "NLMSG_DONE" on all; "type
// 4711" for one without a name.
func TypeName(bus int, typ uint16) string {
	if 0 < typ && int(typ) <= len(controlTypes) {
		return controlTypes[typ-1]
	}
	if bus == unix.NETLINK_GENERIC && typ == unix.GENL_ID_CTRL {
		return "GENL_ID_CTRL"
	}
	if o, verb, ok := routeType(typ); ok && bus == unix.NETLINK_ROUTE {
		return "RTM_" + "NEWDELGETSET"[3*verb:3*verb+3] + o.name
	}
	return fmt.Sprintf("type %d", typ)
}

// Bits that mean the same in every message, and those that depend on what the
// message does; from the lowest on, "" for none.
var (
	commonFlags = [...]string{"REQUEST", "MULTI", "ACK", "ECHO", "DUMP_INTR", "DUMP_FILTERED"}
	newFlags    = [...]string{"REPLACE", "EXCL", "CREATE", "APPEND"}
	deleteFlags = [...]string{"NONREC", "BULK"}
	getFlags    = [...]string{"ROOT", "MATCH", "ATOMIC"}
	ackFlags    = [...]string{"CAPPED", "ACK_TLVS"}
)

// flagNames gives the flags of a message by name, separated by spaces: those
// from 0x100 on as its type has them, where that is known.
func flagNames(bus int, typ, flags uint16) string {
	words, rest := bitNames(nil, flags, commonFlags[:], 0)
	upper := getFlags[:]
	_, verb, ok := routeType(typ)
	switch {
	case typ == unix.NLMSG_ERROR || typ == unix.NLMSG_DONE:
		upper = ackFlags[:]
	case bus != unix.NETLINK_ROUTE || !ok:
		upper = nil
	case verb == verbNew || verb == verbSet:
		upper = newFlags[:]
	case verb == verbDelete:
		upper = deleteFlags[:]
	}
	words, rest = bitNames(words, rest, upper, 8)
	if rest != 0 {
		words = append(words, fmt.Sprintf("%#x", rest))
	}
	return strings.Join(words, " ")
}

// bitNames appends the names of the bits from first on, and gives the bits
// that have none.
func bitNames(words []string, flags uint16, names []string, first int) ([]string, uint16) {
	for i, name := range names {
		if bit := uint16(1) << (first + i); flags&bit != 0 {
			words, flags = append(words, name), flags&^bit
		}
	}
	return words, flags
}
