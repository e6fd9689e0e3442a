package routefile

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sort"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// A Table is what the files of one routing table ask for. It is never changed
// after [Read], and may be used by several goroutines.
type Table struct {
	files   []file
	devices []device // a record's Dev is 1 + the place here
	four    entries[nlcore.Route4]
	six     entries[nlcore.Route6]
}

// A file was read; before is how many lines the files before it have.
type file struct {
	path   string
	before uint32
}

// A device is a name in the files and the line that has it first.
type device struct {
	name string
	line uint32
}

// An entry is a route and its line, counted over all files from 1.
type entry[R nlcore.RouteRecord] struct {
	route R
	line  uint32
}

// entries are sorted by order and have no two of one identity.
type entries[R nlcore.RouteRecord] []entry[R]

// Len gives how many routes there are.
func (t *Table) Len() int { return len(t.four) + len(t.six) }

// Devices gives the names of the links in the files, in the order in which they
// come first.
func (t *Table) Devices() []string {
	names := make([]string, len(t.devices))
	for i := range t.devices {
		names[i] = t.devices[i].name
	}
	return names
}

// Gateways gives the files' gateways, each once, in ascending order. They have
// to be reachable before the routes can be written, by an address, or by a
// route, be it one of the files.
func (t *Table) Gateways() []netip.Addr {
	set := map[netip.Addr]bool{}
	gather(set, t.four)
	gather(set, t.six)
	list := make([]netip.Addr, 0, len(set))
	for a := range set {
		list = append(list, a)
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list
}

// gather looks at each gateway that is another one than its neighbour's.
func gather[R nlcore.RouteRecord](set map[netip.Addr]bool, list entries[R]) {
	var last netip.Addr
	for i := range list {
		if a := gateway(&list[i].route); a != last && a.IsValid() {
			set[a], last = true, a
		}
	}
}

// add puts a line that was read well into the table.
func (t *Table) add(l *line, dev, number uint32) {
	if l.to.six {
		if l.metric == 0 {
			l.metric = ipv6Metric
		}
		r := nlcore.Route6{Dst: l.to.bytes, Via: l.via.bytes, Dev: dev, Metric: l.metric, Bits: l.bits, Type: l.typ}
		t.six = append(t.six, entry[nlcore.Route6]{r, number})
		return
	}
	r := nlcore.Route4{Dst: l.to.four, Via: l.via.four, Dev: dev, Metric: l.metric, Bits: l.bits, Type: l.typ, Scope: l.scope}
	t.four = append(t.four, entry[nlcore.Route4]{r, number})
}

// pos finds the line again. Where in the line the route begins is not kept.
func (t *Table) pos(line uint32) conf.Pos {
	i := sort.Search(len(t.files), func(i int) bool { return t.files[i].before >= line }) - 1
	return conf.Pos{File: t.files[i].path, Line: int(line - t.files[i].before), Col: 1}
}

// settle sorts what is not sorted and finds routes that stand there twice.
func (t *Table) settle(faults *collector) {
	t.four.sort()
	t.six.sort()
	var twice []pair
	twice = t.four.twice(twice)
	twice = t.six.twice(twice)
	slices.SortFunc(twice, func(a, b pair) int { return cmp.Compare(a.again, b.again) })
	for _, p := range twice {
		faults.add(t.pos(p.again), fmt.Sprintf("the same destination and metric as %s", t.pos(p.first)), "take one out")
	}
}

// A pair are the lines of two routes of one identity.
type pair struct{ first, again uint32 }

func (e entries[R]) sort() {
	whole := func(a, b entry[R]) int { return cmp.Or(order(&a.route, &b.route), cmp.Compare(a.line, b.line)) }
	for i := 1; i < len(e); i++ {
		if order(&e[i-1].route, &e[i].route) > 0 {
			slices.SortFunc(e, whole)
			return
		}
	}
}

func (e entries[R]) twice(list []pair) []pair {
	for i, first := 1, 0; i < len(e); i++ {
		if order(&e[first].route, &e[i].route) != 0 {
			first = i
			continue
		}
		list = append(list, pair{e[first].line, e[i].line})
	}
	return list
}

// describe gives a route in the words of its file.
func describe[R nlcore.RouteRecord](t *Table, e *entry[R]) string {
	r, text := e.route, ""
	dev := device{}
	if place := devOf(&r); *place != 0 {
		dev = t.devices[*place-1]
	}
	if typ := typeOf(&r); typ != unix.RTN_UNICAST {
		for _, w := range types {
			if w.value == typ {
				text = w.name + " "
			}
		}
	}
	id := identity(&r)
	text += id.To.String()
	if a := gateway(&r); a.IsValid() {
		text += " via " + a.String()
	}
	if dev.name != "" {
		text += " dev " + dev.name
	}
	return text + fmt.Sprintf(" metric %d", id.Metric)
}
