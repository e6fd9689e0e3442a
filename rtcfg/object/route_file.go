package object

import (
	"encoding/binary"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// RouteFile is the files that fill a routing table, beside what [[route]] puts
// there.
type RouteFile struct {
	Paths  []string   // in the file, relative ones are to the folder in which that file is
	Places []conf.Pos // where the file names them
	Table  uint32
	Pos    conf.Pos

	// Routes is what is in them, once they are read: a *routefile.Table.
	Routes any
}

// ID names it among objects.
func (f *RouteFile) ID() ID { return ID{"route file", f.Paths[0]} }

var routeFileRows = rowTable{
	{Key: "path", Wire: None, Form: String, Max: 4095, Rare: &Rare{Need: `path = "bogons.routes"`}, Doc: "the file, relative to the one that names it"},
	{Key: "table", Wire: None, Form: Table, Default: "254", Doc: "routing table that it fills"},
}

// routeFiles reads [[route_file]]; those of one table belong together.
func (d *decoder) routeFiles(n *conf.Node) {
	if n.Kind != conf.Array {
		d.faults.Addf(n.Pos, "write [[route_file]] before each", "route_file is %s, not a list", n.Kind)
		return
	}
	for _, item := range n.Items {
		o := &Object{Values: NewValues("table", "254")}
		for _, e := range d.table(item, routeFileRows) {
			d.row(o, e.Key, routeFileRows.key(e.Key), e)
		}
		if item.Get("path") == nil {
			d.faults.Addf(item.Pos, `add path = "bogons.routes"`, "a route file without path")
			continue
		}
		name := o.Values.Get("path")
		name = conf.Beside(item.Pos.File, name)
		f := d.routeFile(uint32(number(o.Values.Get("table"))), item.Pos)
		f.Paths, f.Places = order.Also(f.Paths, name), append(f.Places, o.Place("path"))
	}
}

// routeFile gives the files of a table; those that begin stand at pos.
func (d *decoder) routeFile(table uint32, pos conf.Pos) *RouteFile {
	all := &d.want.RouteFiles
	for i := range *all {
		if f := &(*all)[i]; f.Table == table {
			return f
		}
	}
	*all = append(*all, RouteFile{Table: table, Pos: pos})
	return &(*all)[len(*all)-1]
}

// RouteInFile tells whether a message is of a route that only a route file can
// mean: one of a table that files fill and [[route]] does not. It allocates
// nothing, for there may be a million.
func (d *Desired) RouteInFile(body []byte) bool {
	if len(d.RouteFiles) == 0 || len(body) < unix.SizeofRtMsg {
		return false
	}
	table := uint32(body[4])
	for a, err := range nlcore.Attrs(body[unix.SizeofRtMsg:]) {
		if err == nil && a.Type == unix.RTA_TABLE && len(a.Data) == 4 {
			table = binary.NativeEndian.Uint32(a.Data)
		}
	}
	for i := range d.RouteFiles {
		if f := &d.RouteFiles[i]; f.Table == table {
			return !f.shared(d)
		}
	}
	return false
}

// shared tells a table that has routes of [[route]], too.
func (f *RouteFile) shared(d *Desired) bool {
	for _, o := range d.Of(Route) {
		if uint32(number(o.Values.Get("table"))) == f.Table {
			return true
		}
	}
	return false
}

// FillsTable tells whether route files fill a table.
func (d *Desired) FillsTable(table string) bool {
	for i := range d.RouteFiles {
		if d.RouteFiles[i].Table == uint32(number(table)) {
			return true
		}
	}
	return false
}
