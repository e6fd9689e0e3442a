package caps

import (
	"strconv"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// A Feature is something that a kernel has or lacks.
type Feature struct {
	_ [0]func() // no equality: it would be code

	Name    string `json:"name"` // "kind vlan", "qdisc fq_codel", "rules", "option bridge.vlan_filtering"
	Kconfig string `json:"kconfig,omitempty"`
	Module  string `json:"module,omitempty"`
	Since   string `json:"since,omitempty"` // the first Linux that has it

	group *group `json:"-"`
	how   how    `json:"-"`
}

// how says how a kernel is asked for a feature.
type how struct {
	_ [0]func()

	list   uint16 // the message type that lists what it makes
	header byte   // bytes of that message's header, whose first is
	family byte   // the address family
	option int    // the option of netlink sockets
	socket int    // the family of sockets that there is then
	file   string // the file that is there then

	ask func(*asking) (Answer, error)
	try func(*asking) (Answer, error) // in a scratch network namespace only
}

// A group of features has names that begin alike.
type group struct {
	prefix, title string
	ask, try      func(a *asking, name string) (Answer, error)
	quiet         bool // a probe does not print those that are not there
}

var (
	kindGroup   = group{prefix: "kind ", title: "link kinds", ask: (*asking).kind, try: (*asking).kind}
	qdiscGroup  = group{prefix: "qdisc ", title: "qdiscs", ask: (*asking).qdisc, try: (*asking).makeQdisc}
	familyGroup = group{prefix: "family ", title: "generic netlink families", quiet: true}
	otherGroup  = group{title: "other features"}
)

const multipleTables = "CONFIG_IP_MULTIPLE_TABLES"

// others are the features with a name of their own. Nothing writes to it.
var others = [...]Feature{
	{Name: "IPv6", Kconfig: "CONFIG_IPV6", Module: "ipv6", how: how{socket: unix.AF_INET6}},
	{Name: "rules", Kconfig: multipleTables, how: how{list: unix.RTM_GETRULE, family: unix.AF_INET, header: 12}},
	{Name: "IPv6 rules", Kconfig: "CONFIG_IPV6_MULTIPLE_TABLES", how: how{list: unix.RTM_GETRULE, family: unix.AF_INET6, header: 12}},
	{Name: "routing tables", Kconfig: multipleTables, how: how{list: unix.RTM_GETRULE, family: unix.AF_INET, header: 12}},
	{Name: "next hops", Since: "5.3", how: how{list: unix.RTM_GETNEXTHOP, header: 8}},
	{Name: "VLANs of bridges", Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING", how: how{try: (*asking).makeBridge}},
	{Name: "multipath routes", Kconfig: "CONFIG_IP_ROUTE_MULTIPATH", how: how{ask: (*asking).multipath}},
	{Name: "marks of addresses", Since: "5.18", how: how{try: (*asking).makeMark}},
	{Name: "strict checking", Since: "4.20", how: how{option: unix.NETLINK_GET_STRICT_CHK}},
	{Name: "extended acks", Since: "4.12", how: how{option: unix.NETLINK_EXT_ACK}},
	{Name: "network namespaces", Kconfig: "CONFIG_NET_NS", how: how{file: "/proc/self/ns/net"}},
}

// Those of them that objects need.
const (
	ipv6 = iota
	rules
	rules6
	tables
	nexthops
	bridgeVLANs
)

func (g *group) feature(name, kconfig, module, since string) *Feature {
	return &Feature{Name: g.prefix + name, Kconfig: kconfig, Module: module, Since: since, group: g}
}

// all lists what a probe looks for.
func all() (list []*Feature) {
	add := func(g *group, kinds []*object.Kind) {
		for _, k := range kinds {
			if k.Kconfig != "" {
				list = append(list, g.feature(k.Name, k.Kconfig, k.Module, ""))
			}
		}
	}
	add(&kindGroup, object.Kinds())
	add(&qdiscGroup, object.Qdiscs())
	for i := range others {
		others := &others[i]
		list = append(list, others)
	}
	for _, f := range nlcore.KnownFamilies() {
		list = append(list, familyGroup.feature(f.Name, f.Kconfig, f.Module, f.Since))
	}
	return list
}

// A Need is a feature that an object needs.
type Need struct {
	_ [0]func() // no equality: it would be code

	*Feature
	ID  object.ID
	Key string // the option that needs it; "": the object does
	Pos conf.Pos
}

// String gives "link br0 needs kind bridge".
func (n *Need) String() string { return n.ID.String() + " needs " + n.Name }

// Needs lists what a configuration needs, in the file's order.
func Needs(want *object.Desired) (list []Need) {
	for _, o := range want.Objects {
		list = append(list, Of(o, o.Values.Get("kind"))...)
	}
	return list
}

// classFeatures are what whole classes need.
var classFeatures = map[object.Class]int{object.Rule: rules, object.Nexthop: nexthops, object.BridgeVLAN: bridgeVLANs}

// Of lists what an object needs of the kernel, beyond what every kernel has.
// kind is that of a link or queueing discipline.
func Of(o *object.Object, kind string) []Need {
	n := needs{o: o}
	v := o.Values
	g, k := &kindGroup, object.LookupKind(kind)
	if o.Class != object.Link {
		g, k = &qdiscGroup, object.LookupQdisc(kind)
	}
	switch {
	case kind == "" || o.Class == object.Link && k != nil && k.Kconfig == "":
	case k == nil:
		n.add("", g.feature(kind, "", "", ""))
	default:
		n.add("", g.feature(k.Name, k.Kconfig, k.Module, ""))
	}
	other, is := classFeatures[o.Class]
	switch {
	case is && v.Get("family") == "inet6" && other == rules:
		other = rules6
	case o.Class == object.Route:
		if table, err := strconv.ParseUint(v.Get("table"), 10, 32); err == nil && Tables(uint32(table)) != nil {
			other, is = tables, true
		}
	}
	if is {
		n.add("", &others[other])
	}
	if o.Class != object.Link && strings.Contains(v.Get("local")+v.Get("to")+v.Get("via"), ":") {
		n.add("", &others[ipv6])
	}
	for _, key := range n.options().Keys() {
		n.add(key, option(key, o.Row(key)))
	}
	return n.list
}

// Tables gives the feature that a routing table needs; nil: it is always there.
func Tables(table uint32) *Feature {
	if table >= unix.RT_TABLE_DEFAULT && table <= unix.RT_TABLE_LOCAL {
		return nil
	}
	return &others[tables]
}

// option gives what a row needs: a feature with a name, if one has the same symbol.
func option(key string, r *object.Row) *Feature {
	for i := range others {
		if f := &others[i]; r.Kconfig != "" && f.Kconfig == r.Kconfig {
			return f
		}
	}
	return &Feature{Name: "option " + key, Kconfig: r.Kconfig, Since: r.Since()}
}

// needs are those of one object.
type needs struct {
	o    *object.Object
	list []Need
}

// options are the values that need a part of the kernel of their own: few, and
// mostly none.
func (n *needs) options() (list object.Values) {
	for _, p := range n.o.Values.Pairs() {
		if r := n.o.Row(p.Key); r != nil && len(r.Kconfig)+len(r.Since()) > 0 && !r.Hidden && p.Text != r.Default {
			if list == nil {
				list = object.NewValues()
			}
			list.Set(p.Key, p.Text)
		}
	}
	return list
}

func (n *needs) add(key string, f *Feature) {
	n.list = append(n.list, Need{Feature: f, ID: n.o.ID, Key: key, Pos: n.o.Place(key)})
}

// symbols lists those of options.
func symbols() map[string]bool {
	list := map[string]bool{}
	for _, r := range object.OptionRows() {
		if r.Kconfig != "" {
			list[r.Kconfig] = true
		}
	}
	return list
}
