package object

import (
	"fmt"
	"slices"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// buses reads a list of netlink buses, by name or number.
func (d *decoder) buses(n *conf.Node) []BusRef {
	var refs []BusRef
	for _, item := range d.list(n) {
		name := item.Text
		if item.Kind != conf.String && item.Kind != conf.Integer {
			d.faults.Addf(item.Pos, `write a name like "route", or a number`, "this is %s, not a bus", item.Kind)
			continue
		}
		if _, ok := nlcore.LookupBus(name); !ok {
			var known []string
			for _, b := range nlcore.Buses() {
				known = order.Also(known, b.Name)
			}
			hint := "`bootlink probe` lists them"
			if near := conf.Suggest(lower(name), known); near != "" {
				hint = "did you mean \"" + near + "\"?"
			}
			d.faults.Addf(item.Pos, hint, "there is no netlink bus %q", name)
			continue
		}
		refs = append(refs, BusRef{Name: lower(name), Pos: item.Pos})
	}
	return refs
}

func (d *decoder) links(n *conf.Node) {
	if n.Kind != conf.Table {
		d.faults.Addf(n.Pos, "write [link.NAME]", "link is %s, not a table of links", n.Kind)
		return
	}
	for _, e := range n.Entries {
		d.link(e)
	}
}

// linkKeys are the keys of a link that are more than a row.
var linkKeys = [...]linkKey{
	{"kind", (*decoder).linkKind},
	{"required", (*decoder).linkRequired},
	{"match", (*decoder).linkMatch},
	{"addresses", (*decoder).linkAddresses},
	{"qdisc", (*decoder).linkQdiscs},
	{"class", (*decoder).linkClasses},
	{"sysctl", (*decoder).linkSysctls},
}

type linkKey struct {
	key  string
	read func(*decoder, *Object, conf.Entry)
}

// linkReader gives what reads a key; nil where it is a row, or unknown.
func linkReader(key string) func(*decoder, *Object, conf.Entry) {
	for i := range linkKeys {
		if linkKeys[i].key == key {
			return linkKeys[i].read
		}
	}
	return nil
}

// linkWords are the keys of [link.NAME].
type linkWords struct{}

func (linkWords) has(key string) bool {
	if key == "name" {
		return false
	}
	port, isPort := strings.CutSuffix(key, "_port")
	return linkReader(key) != nil || linkRows.has(key) || kinds[key] != nil || isPort && kinds[port] != nil && len(kinds[port].Port) > 0
}

func (linkWords) keys() []string {
	known := slices.DeleteFunc(linkRows.keys(), func(k string) bool { return k == "name" })
	for i := range linkKeys {
		key := linkKeys[i].key
		known = order.Also(known, key)
	}
	for _, k := range Kinds() {
		known = order.Also(known, k.Name)
		if len(k.Port) > 0 {
			known = order.Also(known, k.Name+"_port")
		}
	}
	order.Strings(known)
	return known
}

func (d *decoder) link(e conf.Entry) {
	o := &Object{ID: ID{Link, e.Key}, Values: NewValues("up", "true"), Pos: e.Pos, Required: true}
	d.fault(e.Pos, checkLinkName(e.Pos, e.Key))
	d.add(o)
	for _, e := range d.table(e.Value, linkWords{}) {
		switch read, row := linkReader(e.Key), linkRows.key(e.Key); {
		case read != nil:
			read(d, o, e)
		case row != nil:
			d.row(o, row.Key, row, e)
		default:
			d.kindTable(o, e)
		}
	}
	d.linkShape(o, e)
}

// kindTable reads bridge = { ... } or bridge_port = { ... }.
func (d *decoder) kindTable(o *Object, e conf.Entry) {
	k, rows := kinds[e.Key], rowTable(nil)
	if k != nil {
		rows = k.Rows
	} else {
		rows = kinds[strings.TrimSuffix(e.Key, "_port")].Port
	}
	o.put(e.Key, e.Pos)
	if k != nil && k.Settings != nil {
		k.Settings.object(d, e.Value, NewValues("dev", o.Name))
		return
	}
	var known vocabulary = rows
	if isVLANs(e.Key, "vlans") {
		known = keyWords(order.Also(rows.keys(), "vlans"))
	}
	for _, option := range d.table(e.Value, known) {
		if isVLANs(e.Key, option.Key) {
			d.bridgeVLANs(o, option, k != nil)
			continue
		}
		d.row(o, e.Key+"."+option.Key, rows.key(option.Key), option)
	}
	if k != nil {
		k.derive(o.Values)
	}
}

// linkShape checks that a link's kind and its tables agree.
func (d *decoder) linkShape(o *Object, e conf.Entry) {
	own := o.Values.Get("kind")
	for i := range o.At {
		key, at := o.At[i].Key, o.At[i].Pos
		if k := kinds[key]; k != nil && key != own && !(k.Hardware && own == "") {
			d.faults.Addf(at, "add kind = \""+key+"\" or take the table out", "link %q has a table for %s but is not one", o.Name, key)
		}
	}
	if k := kinds[own]; k != nil && k.Check != nil {
		k.Check(o, &d.faults)
	}
	for i := range linkRows {
		key := linkRows[i].Key
		if at := o.Where(key); !at.IsZero() && linkRows[i].Cost == Recreate && own == "" {
			d.faults.Addf(at, "take it out", "%s is given when a link is made, and link %q is found", key, o.Name)
		}
	}
	if o.Match != nil && own != "" {
		d.faults.Addf(o.Place("kind"), "take out kind or match", "link %q is to be made and to be found at once", o.Name)
	}
}

// madeByOthers says who makes a kind of links that the kernel does not make by netlink, ""
// if it does.
func madeByOthers(kind string) string {
	switch kind {
	case "dsa":
		return "the switch's driver does"
	case "ppp":
		return "pppd does"
	case "tap", "tun":
		return "the program that opens /dev/net/tun does"
	}
	return ""
}

func (d *decoder) linkKind(o *Object, e conf.Entry) {
	if err := expect(e.Value, conf.String, `a kind in quotes, like "bridge"`); err != nil {
		d.fault(e.Pos, err)
		return
	}
	if why := madeByOthers(e.Value.Text); why != "" {
		d.faults.Addf(e.Value.Pos, "leave out kind, and name or match the link", "netlink cannot make a %s: %s", e.Value.Text, why)
		return
	}
	if kinds[e.Value.Text] == nil {
		var names []string
		for _, k := range Kinds() {
			if !k.Hardware {
				names = order.Also(names, k.Name)
			}
		}
		hint := "known kinds: " + strings.Join(names, ", ")
		if near := conf.Suggest(e.Value.Text, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.faults.Addf(e.Value.Pos, hint, "link %q has an unknown kind %q", o.Name, e.Value.Text)
		return
	}
	o.Values.Set("kind", e.Value.Text)
	o.put("kind", e.Value.Pos)
}

func (d *decoder) linkMatch(o *Object, e conf.Entry) {
	o.Match = &Match{Pos: e.Pos}
	entries := d.table(e.Value, matchRows)
	if len(e.Value.Entries) == 0 {
		d.faults.Addf(e.Pos, `write match = { mac = "52:54:00:12:34:01" }`, "match says nothing")
	}
	for _, m := range entries {
		text, err := matchRows.key(m.Key).Parse(m.Value)
		d.fault(m.Pos, err)
		*o.Match.field(m.Key) = text
	}
}

// linkRequired is for those who wait until the network is there; the kernel
// knows nothing of it.
func (d *decoder) linkRequired(o *Object, e conf.Entry) {
	text, err := parseBoolean(nil, e.Value)
	d.fault(e.Pos, err)
	o.Required = text == "true"
}

func (d *decoder) linkSysctls(o *Object, e conf.Entry) {
	d.sysctlTable(e.Value, func(pos conf.Pos, key string) (string, error) { return linkSysctlPath(pos, o.Name, key) })
}

func (d *decoder) linkAddresses(o *Object, e conf.Entry) {
	for _, item := range d.list(e.Value) {
		d.linkAddress(o, item)
	}
}

// linkQdiscs reads one queueing discipline, or a list of them.
func (d *decoder) linkQdiscs(o *Object, e conf.Entry) { d.linkSpecs(&qdiscSpec, o, e) }

func (d *decoder) linkClasses(o *Object, e conf.Entry) { d.linkSpecs(&classSpec, o, e) }

// linkSpecs reads objects that belong to a link and stand in its table.
func (d *decoder) linkSpecs(s *Spec, o *Object, e conf.Entry) {
	items := []*conf.Node{e.Value}
	if e.Value.Kind == conf.Array {
		items = e.Value.Items
	}
	for _, item := range items {
		s.object(d, item, NewValues("dev", o.Name))
	}
}
