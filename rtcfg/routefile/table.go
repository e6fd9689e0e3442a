package routefile

import (
	"fmt"
	"sort"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
)

// A Table is what the files of one routing table ask for. It is never changed
// after [Read], and may be used by several goroutines.
type Table struct {
	files   []file
	devices []device // a route's dev is 1 + the place here
	four    list     // numbers are lines, counted over all files from 1; in order, no identity twice
	six     list
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

// Len gives how many routes there are.
func (t *Table) Len() int { return t.four.n + t.six.n }

// Devices gives the names of the links in the files, in the order in which they
// come first.
func (t *Table) Devices() []string {
	names := make([]string, len(t.devices))
	for i := range t.devices {
		names[i] = t.devices[i].name
	}
	return names
}

// Gateways gives the files' gateways, each once. They have to be reachable
// before the routes can be written, by an address, or by a route, be it one of
// the files.
func (t *Table) Gateways() []ip.Addr {
	var all []ip.Addr
	set := map[words]bool{}
	for _, l := range []*list{&t.four, &t.six} {
		clear(set)
		var r route
		var last words
		for i := range l.n {
			l.get(i, &r)
			if r.via != last && !r.direct() && !set[r.via] {
				set[r.via] = true
				all = append(all, r.via.addr(r.six))
			}
			last = r.via
		}
	}
	return all
}

// add puts a line that was read well into the table.
func (t *Table) add(l *line, dev, number uint32) {
	r := route{to: l.to.words, via: l.via.words, dev: dev, metric: l.metric, bits: l.bits, typ: l.typ, scope: l.scope}
	if !l.to.six {
		t.four.add(&r, number)
		return
	}
	if r.metric == 0 {
		r.metric = ipv6Metric
	}
	t.six.add(&r, number)
}

// pos finds the line again. Where in the line the route begins is not kept.
func (t *Table) pos(line uint32) conf.Pos {
	i := sort.Search(len(t.files), func(i int) bool { return t.files[i].before >= line }) - 1
	return conf.Pos{File: t.files[i].path, Line: int(line - t.files[i].before), Col: 1}
}

// settle sorts what is not sorted and finds routes that stand there twice.
func (t *Table) settle(faults *collector) {
	for _, l := range []*list{&t.four, &t.six} {
		l.sort()
		var first, r route
		for i, line := 0, uint32(0); i < l.n; i++ {
			number := l.get(i, &r)
			if i > 0 && compareRoutes(&first, &r) == 0 {
				faults.add(t.pos(number), fmt.Sprintf("the same destination and metric as %s", t.pos(line)), "take one out")
				continue
			}
			first, line = r, number
		}
	}
}

// describe gives a route of the table in the words of its file.
func (t *Table) describe(r *route) string {
	if r.dev == 0 {
		return r.describe("")
	}
	return r.describe(t.devices[r.dev-1].name)
}
