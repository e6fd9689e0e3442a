package object

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// Read turns the tree of a router.toml into what it asks for. All faults of the
// file are found at once; the result is usable only if there are none. tables
// are names of routing tables beside the kernel's own and the file's.
func Read(file string, root *conf.Node, tables ...Word) (*Desired, conf.Faults) {
	d := &decoder{tables: tables, want: &Desired{File: file, Settings: Settings{Protocol: 98}, byID: map[ID]*Object{}, byClass: map[Class][]*Object{}}}
	d.tableNames(root.Get("settings").Get("tables"))
	for _, e := range d.table(root, sectionKeys()) {
		d.section(e.Key, e.Value)
	}
	if root.Get("version") == nil {
		d.faults.Addf(conf.Pos{File: file, Line: 1, Col: 1}, "begin the file with version = 1", "the file has no version")
	}
	check(d.want, &d.faults)
	return d.want, d.faults
}

type decoder struct {
	want   *Desired
	faults conf.Faults
	tables []Word
}

// sections are the top-level keys that are no objects of a class with a [Spec].
var sections = [...]struct {
	_ [0]func() // no equality: it would be code

	key  string
	read func(*decoder, *conf.Node)
}{
	{key: "version", read: (*decoder).version},
	{key: "include", read: (*decoder).included},
	{key: "settings", read: (*decoder).settings},
	{key: "probe", read: (*decoder).probe},
	{key: "sysctl", read: (*decoder).sysctls},
	{key: "link", read: (*decoder).links},
	{key: "hello", read: (*decoder).hello},
	{key: "route_file", read: (*decoder).routeFiles},
}

// included: who reads the file reads those that it includes, too.
func (d *decoder) included(*conf.Node) {}

// sectionKeys lists all top-level keys.
func sectionKeys() keyWords {
	var keys []string
	for i := range sections {
		keys = order.Also(keys, sections[i].key)
	}
	for _, s := range append(Specs(), &routeSpec) {
		if s.Section != "" {
			keys = order.Also(keys, s.Section)
		}
	}
	order.Strings(keys)
	return keys
}

// section reads what stands under a top-level key.
func (d *decoder) section(key string, n *conf.Node) {
	for i := range sections {
		if s := &sections[i]; s.key == key {
			s.read(d, n)
		}
	}
	for _, s := range append(Specs(), &routeSpec) {
		if s.Section == key {
			s.section(d, n)
		}
	}
}

// fault notes an error that a row or a check gave.
func (d *decoder) fault(pos conf.Pos, err error) {
	switch err := err.(type) {
	case nil:
	case conf.Fault:
		d.faults = append(d.faults, err)
	default:
		d.faults.Addf(pos, "", "%v", err)
	}
}

// A vocabulary is the keys that a table may have.
type vocabulary interface {
	has(key string) bool
	keys() []string // only a fault needs them
}

// keyWords are a vocabulary.
type keyWords []string

func (w keyWords) has(key string) bool { return slices.Contains(w, key) }
func (w keyWords) keys() []string      { return w }

// table gives the entries of a table whose keys are known, and faults the rest.
func (d *decoder) table(n *conf.Node, v vocabulary) []conf.Entry {
	if n.Kind != conf.Table {
		d.faults.Addf(n.Pos, "write { key = value }", "this is %s, not a table", n.Kind)
		return nil
	}
	entries, all := n.Entries, true
	for i, e := range n.Entries {
		if v.has(e.Key) {
			if !all {
				entries = append(entries, e)
			}
			continue
		}
		if all {
			entries, all = slices.Clip(entries[:i]), false
		}
		known := v.keys()
		hint := "known here: " + strings.Join(known, ", ")
		if len(known) == 0 {
			hint = "leave it empty"
		}
		if near := conf.Suggest(e.Key, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.faults.Addf(e.Pos, hint, "unknown key %q", e.Key)
	}
	return entries
}

// list gives the items of an array.
func (d *decoder) list(n *conf.Node) []*conf.Node {
	if err := expect(n, conf.Array, "a list in brackets"); err != nil {
		d.fault(n.Pos, err)
		return nil
	}
	return n.Items
}

func (d *decoder) number(r *Row, n *conf.Node) int {
	text, err := parseInteger(r, n)
	d.fault(n.Pos, err)
	i, _ := strconv.Atoi(text)
	return i
}

func (d *decoder) version(n *conf.Node) {
	d.number(rootRows.key("version"), n)
}

func (d *decoder) settings(n *conf.Node) {
	for _, e := range d.table(n, keyWords(order.Also(settingsRows.keys(), "tables"))) {
		switch e.Key {
		case "protocol":
			d.want.Settings.Protocol = uint8(d.number(settingsRows.key(e.Key), e.Value))
		case "confirm":
			text, err := parseMillis(settingsRows.key(e.Key), e.Value)
			d.fault(e.Value.Pos, err)
			d.want.Settings.Confirm, _ = Milliseconds(text)
		}
	}
}

// tableNames reads tables = { isp1 = 100 }. The file's own names go first.
func (d *decoder) tableNames(n *conf.Node) {
	if n == nil {
		return
	}
	if err := expect(n, conf.Table, "{ isp1 = 100 }"); err != nil {
		d.fault(n.Pos, err)
		return
	}
	var own []Word
	for _, e := range n.Entries {
		own = append(own, Word{e.Key, uint64(d.number(&Row{Key: e.Key, Min: tableRow.Min}, e.Value))})
	}
	d.tables = append(own, d.tables...)
}

func (d *decoder) probe(n *conf.Node) {
	for _, e := range d.table(n, probeRows) {
		refs := d.buses(e.Value)
		if e.Key == "require" {
			d.want.Probe.Require = refs
		} else {
			d.want.Probe.Want = refs
		}
	}
}

func (d *decoder) hello(n *conf.Node) {
	h := &Hello{Module: "hellobye", HelloProto: 19, ByeProto: 21, Pos: n.Pos}
	for _, e := range d.table(n, helloRows) {
		switch e.Key {
		case "module":
			text, err := helloRows.key(e.Key).Parse(e.Value)
			d.fault(e.Pos, err)
			h.Module = text
		case "hello_proto":
			h.HelloProto = d.number(helloRows.key(e.Key), e.Value)
		case "bye_proto":
			h.ByeProto = d.number(helloRows.key(e.Key), e.Value)
		}
	}
	if h.HelloProto == h.ByeProto {
		d.faults.Addf(n.Pos, "give hello_proto and bye_proto numbers of their own, like 19 and 21", "hello and bye have the same number %d", h.HelloProto)
	}
	d.want.Hello = h
}

func (d *decoder) sysctls(n *conf.Node) {
	d.sysctlTable(n, func(pos conf.Pos, key string) (string, error) { return sysctlPath(pos, key) })
}

func (d *decoder) sysctlTable(n *conf.Node, path func(conf.Pos, string) (string, error)) {
	if n.Kind != conf.Table {
		d.faults.Addf(n.Pos, `write { "key" = value }`, "this is %s, not a table", n.Kind)
		return
	}
	for _, e := range flatten("", n) {
		p, err := path(e.Pos, e.Key)
		d.fault(e.Pos, err)
		text, err := sysctlValue(e.Value)
		d.fault(e.Value.Pos, err)
		if p != "" {
			d.add(&Object{ID: SysctlID(p), Values: NewValues("value", text), Pos: e.Pos})
		}
	}
}

// flatten lets a person write net.ipv4.ip_forward without quotes, too.
func flatten(prefix string, n *conf.Node) []conf.Entry {
	var flat []conf.Entry
	for _, e := range n.Entries {
		e.Key = prefix + e.Key
		if e.Value.Kind == conf.Table {
			flat = append(flat, flatten(e.Key+".", e.Value)...)
			continue
		}
		flat = append(flat, e)
	}
	return flat
}

// add notes an object, or that the file has it twice.
func (d *decoder) add(o *Object) {
	if old := d.want.Find(o.ID); old != nil {
		d.faults.Addf(o.Pos, fmt.Sprintf("it stands at %s already", old.Pos), "%s is there twice", o.ID)
		return
	}
	d.want.Objects = append(d.want.Objects, o)
	d.want.byID[o.ID] = o
	d.want.byClass[o.Class] = append(d.want.byClass[o.Class], o)
}

// numbered gives a table's number for its name, where that is known.
func (d *decoder) numbered(n *conf.Node) *conf.Node {
	for _, w := range d.tables {
		if n.Kind == conf.String && n.Text == w.Name {
			return &conf.Node{Kind: conf.Integer, Pos: n.Pos, Text: strconv.FormatUint(w.Value, 10)}
		}
	}
	return n
}

// row reads a value by its row into o.
func (d *decoder) row(o *Object, key string, r *Row, e conf.Entry) {
	n := e.Value
	if r.Form.Name == Table.Name {
		n = d.numbered(n)
	}
	text, err := r.Parse(n)
	d.fault(e.Pos, err)
	if err == nil {
		o.Values.Set(key, text)
	}
	o.put(key, e.Value.Pos)
}
