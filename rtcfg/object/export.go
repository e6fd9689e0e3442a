package object

import (
	"slices"
	"strings"

	"bootlink/rtcfg/conf"
)

// Export writes what there is as a router.toml that asks for just that: links, their
// addresses and queueing disciplines, next hops, rules, neighbours, and the routes that the
// snapshot holds. It leaves out what the kernel or another protocol makes by itself, what a
// new link has anyway, and keys.
func Export(s *Snapshot) []byte {
	e := &exporter{s: s}
	head := "\n[sysctl]\n"
	for _, id := range SortedIDs(s.Objects) {
		if id.Class == Sysctl && s.Objects[id].Values["value"] == "1" {
			e.b = append(e.b, head...)
			head = ""
			e.assign(strings.ReplaceAll(id.Name, "/", "."), "1")
		}
	}
	for _, dev := range s.Of(Link) {
		e.link(dev)
	}
	for _, spec := range append(Specs(), &routeSpec) {
		if spec.Section != "" {
			for _, o := range s.Of(spec.Class) {
				e.section(spec, o)
			}
		}
	}
	return e.b
}

type exporter struct {
	s *Snapshot
	b []byte
}

// kernelMade is RTPROT_KERNEL of linux/rtnetlink.h, as text.
const kernelMade = "2"

func (e *exporter) section(spec *Spec, o *Object) {
	if o.Values[spec.Mark.Key] != kernelMade {
		e.b = append(e.b, "\n[["+spec.Section+"]]\n"...)
		e.b = append(e.b, strings.Join(assignments(o, ""), "\n")+"\n"...)
	}
}

func (e *exporter) assign(key, value string) {
	e.b = append(e.b, keyText(key)+" = "+value+"\n"...)
}

// link writes a link's table, unless that would say nothing.
func (e *exporter) link(dev *Object) {
	begin := len(e.b)
	e.b = append(e.b, "\n[link."+keyText(dev.Name)+"]\n"...)
	empty := len(e.b)
	kind := kinds[dev.Values["kind"]]
	made := kind != nil && !kind.Hardware
	if made {
		e.assign("kind", quoted(kind.Name))
	}
	if dev.Values["up"] == "false" {
		e.assign("up", "false")
	}
	for _, key := range dev.Values.Keys() {
		if row := LinkRow(key); row != nil && exported(dev, kind, made, key) && row.Form != nil && !row.Hidden && !row.Secret {
			e.b = append(e.b, key+" = "+row.toml(dev.Values[key])+"\n"...)
		}
	}
	e.list(dev, Address, "addresses")
	e.list(dev, BridgeVLAN, map[bool]string{true: "bridge.vlans", false: "bridge_port.vlans"}[dev.Values["kind"] == "bridge"])
	e.list(dev, Qdisc, "qdisc")
	e.list(dev, TClass, "class")
	if o := e.s.Objects[ID{WireGuard, "dev " + dev.Name}]; o != nil {
		for _, line := range assignments(o, "wireguard.") {
			e.b = append(e.b, line+"\n"...)
		}
	}
	e.list(dev, Peer, "wireguard.peers")
	if len(e.b) == empty && dev.Name == "lo" {
		e.b = e.b[:begin]
	}
}

// exported tells whether a link's attribute is more than what there is without a file.
func exported(dev *Object, kind *Kind, made bool, key string) bool {
	text := dev.Values[key]
	name := ""
	if kind != nil {
		name = kind.Name
	}
	initial, known := Default(name, key)
	switch {
	case key == "name" || key == "up" || strings.HasPrefix(key, "num") || known && LinkRow(key).Equal(initial, text):
		return false
	case key == "address":
		return dev.Perm != "" && dev.Perm != text
	case made:
		return known || strings.Contains(key, ".") || key == "master"
	}
	// What a driver chooses is no wish of anybody.
	return !strings.HasPrefix(key, "g") && (dev.Name != "lo" || key == "master")
}

// list writes the objects of a class that are on a link.
func (e *exporter) list(dev *Object, class Class, key string) {
	var items []string
	for _, o := range e.s.Of(class) {
		v := o.Values
		if v["dev"] != dev.Name || class == Address && !wished(o) || class == TClass && classKinds[v["kind"]] == nil {
			continue
		}
		words := assignments(o, "")
		item := "{ " + strings.Join(words, ", ") + " }"
		if class == Address && len(words) == 1 {
			item = quoted(o.Values["local"])
		}
		items = append(items, item)
	}
	if items != nil {
		e.b = append(e.b, key+" = ["+strings.Join(items, ", ")+"]\n"...)
	}
}

// wished tells an address that somebody has asked for from those that come by themselves.
func wished(o *Object) bool {
	v := o.Values
	own := strings.HasPrefix(v["local"], "fe80:") || v["local"] == "127.0.0.1/8" || v["local"] == "::1/128" || v["valid_lft"] != "forever" && v["valid_lft"] != ""
	return o.Ours || !own
}

// assignments gives the values of an object that the file may say, without those that a new
// one has.
func assignments(o *Object, prefix string) (list []string) {
	usual := []string{"type=unicast", "metric=0", "self=false"}
	if o.Class == Route {
		usual = append(usual, "table=254")
	}
	for _, key := range o.Values.Keys() {
		text := strings.TrimPrefix(o.Values[key], spent)
		row := o.Row(key)
		if row == nil || row.Hidden || row.Secret || row.Input || key == "dev" && o.Class == Qdisc || slices.Contains(usual, key+"="+text) {
			continue
		}
		if initial, known := row.initial(); !known || initial != text {
			list = append(list, prefix+keyText(key)+" = "+row.toml(text))
		}
	}
	return list
}

// toml writes a value as the file has it.
func (r *Row) toml(text string) string {
	takes := r.Form.takes
	if takes&lists == 0 {
		return scalar(takes, text)
	}
	sep := " "
	if takes&tables != 0 && strings.Contains(text, " ") && r.Form == waysForm {
		sep = waySep
	}
	items := strings.Split(text, sep)
	if text == "" {
		items = nil
	}
	for i, item := range items {
		switch {
		case r.Form == waysForm:
			items[i] = wayTable(item)
		case r.Form == hopGroup && strings.Contains(item, "*"):
			items[i] = "{ id = " + strings.Replace(item, "*", ", weight = ", 1) + " }"
		default:
			items[i] = scalar(takes, item)
		}
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// wayTable writes "via 192.0.2.1 dev wan weight 2 onlink" as a table.
func wayTable(text string) string {
	var list []string
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "onlink":
			list = append(list, "onlink = true")
		case "inet6":
		case "weight":
			list = append(list, "weight = "+words[i+1])
			i++
		case "via":
			if words[i+1] == "inet6" {
				i++
			}
			list = append(list, "via = "+quoted(words[i+1]))
			i++
		default:
			list = append(list, "dev = "+quoted(words[i+1]))
			i++
		}
	}
	return "{ " + strings.Join(list, ", ") + " }"
}

func scalar(takes shape, text string) string {
	if takes&bools != 0 || takes&(ints|numbers) != 0 && strings.Trim(strings.TrimPrefix(text, "-"), "0123456789") == "" && text != "" {
		return text
	}
	return quoted(text)
}

func quoted(text string) string { return string(conf.AppendString(nil, text)) }

// keyText writes a key, in quotes where TOML wants them.
func keyText(key string) string {
	for _, r := range key {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return quoted(key)
		}
	}
	return key
}
