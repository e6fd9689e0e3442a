package object

import "golang.org/x/sys/unix"

// A section is a table of router.toml: what schema and reference page show.
type section struct {
	key            string // "*": any name
	doc            string
	kconfig, since string

	list    bool  // [[key]]
	one     bool  // a list, or one table of it
	instead shape // what a list may hold instead of tables

	rows  rowTable
	kinds map[string]*Kind // further rows, by the value of "kind"
	free  *Row             // any other key, like this one
	below []section
}

// The rows of tables that are not objects of the kernel.
var (
	rootRows = rowTable{
		{Key: "version", Form: Integer, Min: 1, Max: 1, Rare: &Rare{Need: "version = 1"}, Doc: "version of the file's format"},
		{Key: "include", Form: fileList, Doc: "files read as if they stood at the end: \"conf.d/*.toml\", from the file's folder; they include no others"},
	}
	settingsRows = rowTable{
		{Key: "protocol", Form: Integer, Min: unix.RTPROT_STATIC + 1, Max: 255, Default: "98", Doc: "marks what is ours: routes, rules, neighbours, next hops, addresses"},
		{Key: "confirm", Form: Millis, Max: 24 * 3600 * 1000, Default: "0s", Doc: "an apply is undone after so long, unless bootlink confirm comes; 0s: never"},
	}
	tableRow  = Row{Key: "*", Form: Integer, Min: 1, Doc: "number of a routing table, by name"}
	sysctlRow = Row{Key: "*", Form: sysctlForm, Doc: "value of a sysctl, by its name"}
	probeRows = rowTable{
		{Key: "require", Form: busList, Doc: "netlink buses without which nothing is applied, by name or number"},
		{Key: "want", Form: busList, Doc: "netlink buses that are told when they lack"},
	}
	helloRows = rowTable{
		{Key: "module", Form: String, Max: 55, Default: "hellobye", Doc: "kernel module that has the two buses"},
		{Key: "hello_proto", Form: Integer, Min: 1, Max: 31, Default: "19", Doc: "number of the hello bus"},
		{Key: "bye_proto", Form: Integer, Min: 1, Max: 31, Default: "21", Doc: "number of the bye bus"},
	}
	matchRows = rowTable{
		{Key: "mac", Form: MAC, Doc: "permanent address, or the present one where there is none"},
		{Key: "driver", Form: String, Doc: "driver, as ethtool -i shows it"},
		{Key: "path", Form: String, Doc: "glob of the device's place on its bus: \"0000:01:00.0\" or \"pci/0000:01:00.0\""},
		{Key: "phys_port_name", Form: String, Doc: "which of the device's ports it is"},
		{Key: "name", Form: String, Doc: "glob of the link's name"},
	}
	ownLinkRows = rowTable{
		{Key: "required", Form: Boolean, Default: "true", Doc: "the network counts as there only when this link is"},
	}
)

// Forms that are read by code and stand here for schema and reference page.
var (
	fileList   = &Form{Name: "list of file names", takes: lists | texts}
	busList    = &Form{Name: "list of buses", takes: lists | ints | texts}
	sysctlForm = &Form{Name: "number or string", takes: ints | texts | bools}
)

// layout lists the tables of router.toml. The first is the file itself.
func layout() section {
	root := section{rows: rootRows, doc: "the file", below: []section{
		{key: "settings", doc: "what holds for all", rows: settingsRows, below: []section{{key: "tables", doc: "names of routing tables, beside those of rt_tables", free: &tableRow}}},
		{key: "probe", doc: "netlink buses that the machine must have", rows: probeRows},
		{key: "hello", doc: "the kernel module of the hello and bye buses", rows: helloRows},
		{key: "sysctl", doc: "sysctls below net, as sysctl(8) names them", free: &sysctlRow},
		{key: "link", doc: "links, by name", below: []section{linkLayout()}},
		{key: "route_file", doc: "files of routes that fill a table", list: true, rows: routeFileRows},
	}}
	root.below = append(root.below, routeSpec.layout("route"))
	for _, s := range Specs() {
		if s.Section != "" {
			root.below = append(root.below, s.layout(s.Section))
		}
	}
	return root
}

func (s *Spec) layout(key string) section {
	return section{key: key, doc: s.Doc, kconfig: s.Kconfig, since: s.Since, list: true, rows: s.Rows, kinds: s.Kinds}
}

// linkLayout is [link.NAME].
func linkLayout() section {
	addresses := addressSpec.layout("addresses")
	addresses.instead = texts
	qdisc, class := qdiscSpec.layout("qdisc"), classSpec.layout("class")
	qdisc.one, class.one = true, true
	own := linkRows.without(func(r *Row) bool { return r.Key == "name" })
	link := section{key: "*", doc: "a link: one to be made, if it has a kind, or to be found", rows: append(own, ownLinkRows...), below: []section{
		{key: "match", doc: "which device is meant: all that is said must hold; it gets the section's name", rows: matchRows},
		addresses, qdisc, class,
		{key: "sysctl", doc: "the link's own sysctls: \"ipv6.accept_ra\", \"ipv4.neigh.gc_stale_time\"", free: &sysctlRow},
	}}
	var kindWords []Word
	for _, k := range Kinds() {
		if !k.Hardware {
			kindWords = append(kindWords, Word{Name: k.Name})
		}
		link.below = append(link.below, k.layouts()...)
	}
	link.rows = append(link.rows, Row{Key: "kind", Form: Enum, Enum: kindWords, Cost: Recreate, Doc: "make a link of this kind"})
	return link
}

// layouts are [link.NAME.KIND] and [link.NAME.KIND_port].
func (k *Kind) layouts() []section {
	own := section{key: k.Name, doc: "options of a " + k.Name, kconfig: k.Kconfig, rows: k.Rows}
	if s := k.Settings; s != nil {
		own.doc, own.rows, own.below = s.Doc, s.Rows, []section{s.Listed.layout(s.ListKey)}
	}
	port := section{key: k.Name + "_port", doc: "options of a port of a " + k.Name, kconfig: k.Kconfig, rows: k.Port}
	if isVLANs(k.Name, "vlans") {
		vlans := bridgeVLANSpec.layout("vlans")
		vlans.instead = ints | texts
		own.below, port.below = []section{vlans}, []section{vlans}
	}
	if len(k.Port) == 0 {
		return []section{own}
	}
	return []section{own, port}
}
