package object

import (
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// Export writes what there is as a router.toml that asks for just that: links, their
// addresses and queueing disciplines, next hops, rules, neighbours, and the routes that the
// snapshot holds. It leaves out what the kernel or another protocol makes by itself, and what a
// new link has anyway; what needs keys is a comment.
func Export(s *Snapshot) []byte {
	e := &exporter{s: s}
	head := "\n[sysctl]\n"
	for _, id := range SortedIDs(s.Objects) {
		if id.Class == Sysctl && s.Objects[id].Values.Get("value") == "1" {
			e.line(head + quoted(strings.ReplaceAll(id.Name, "/", ".")) + " = 1")
			head = ""
		}
	}
	for _, dev := range s.Of(Link) {
		e.link(dev)
	}
	for _, spec := range append(Specs(), &routeSpec) {
		for _, o := range s.Of(spec.Class) {
			if spec.Section != "" && o.Values.Get(spec.Mark.Key) != kernelMade {
				e.line("\n[[" + spec.Section + "]]")
				e.lines(o, "")
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

func (e *exporter) line(text string) { e.b = append(e.b, text+"\n"...) }

// lines writes an object's values.
func (e *exporter) lines(o *Object, prefix string) {
	for _, text := range assignments(o, prefix) {
		e.line(text)
	}
}

// link writes a link's table, unless that would say nothing.
func (e *exporter) link(dev *Object) {
	begin := len(e.b)
	e.line("\n[link." + tomlKey(dev.Name) + "]")
	empty := len(e.b)
	kind := kinds[dev.Values.Get("kind")]
	if kind != nil && kind.Hardware {
		kind = nil
	}
	if kind != nil {
		e.line(pair("kind", quoted(kind.Name)))
	}
	if dev.Values.Get("up") == "false" {
		e.line("up = false")
	}
	for _, key := range dev.Values.Keys() {
		if row := LinkRow(key); row != nil && !row.Hidden && exported(dev, kind, key) {
			e.line(pair(key, row.toml(dev.Values.Get(key))))
		}
	}
	e.list(dev, Address, "addresses")
	vlans := "bridge_port.vlans"
	if kind != nil && kind.Name == "bridge" {
		vlans = "bridge.vlans"
	}
	e.list(dev, BridgeVLAN, vlans)
	e.list(dev, Qdisc, "qdisc")
	e.list(dev, TClass, "class")
	if o := e.s.Objects[ID{WireGuard, "dev " + dev.Name}]; o != nil {
		e.line("# Its keys are not told, and without them these lines would take them away:\n# " + pair("wireguard.private-key", quoted(dev.Name+".key")))
		e.lines(o, "# wireguard.")
	}
	e.list(dev, Peer, "# wireguard.peers")
	if len(e.b) == empty && dev.Name == "lo" {
		e.b = e.b[:begin]
	}
}

// exported tells whether a link's attribute is more than what there is without a file.
// kind is nil of a link that a driver makes.
func exported(dev *Object, kind *Kind, key string) bool {
	text, name := dev.Values.Get(key), ""
	if kind != nil {
		name = kind.Name
	}
	initial, known := Default(name, key)
	switch {
	case key == "name" || key == "up" || strings.HasPrefix(key, "num") || known && LinkRow(key).Equal(initial, text):
		return false
	case key == "address":
		return kind == nil && dev.Perm != "" && dev.Perm != text
	case kind != nil:
		return known || key == "master" || strings.Contains(key, ".")
	}
	// What a driver chooses is nobody's wish.
	return key[0] != 'g' && (dev.Name != "lo" || key == "master")
}

// list writes the objects of a class that are on a link.
func (e *exporter) list(dev *Object, class Class, key string) {
	list := ""
	for _, o := range e.s.Of(class) {
		v := o.Values
		local, valid := v.Get("local"), v.Get("valid_lft") // somebody has asked for it, or it comes by itself
		wished := class != Address || o.Ours || !strings.HasPrefix(local, "fe80:") && local != "127.0.0.1/8" && local != "::1/128" && (valid == "" || valid == "forever")
		if v.Get("dev") != dev.Name || !wished || class == TClass && classKinds[v.Get("kind")] == nil {
			continue
		}
		if list != "" {
			list += ", "
		}
		words := assignments(o, "")
		if class == Address && len(words) == 1 {
			list += quoted(v.Get("local"))
		} else {
			list += inTable(words)
		}
	}
	if list != "" {
		e.line(pair(key, "["+list+"]"))
	}
}

func inTable(words []string) string { return "{ " + strings.Join(words, ", ") + " }" }

// assignments gives the values of an object that the file may say, without those that a new
// one has.
func assignments(o *Object, prefix string) (list []string) {
	for _, key := range o.Values.Keys() {
		text := strings.TrimPrefix(o.Values.Get(key), spent)
		row := o.Row(key)
		if row == nil || row.Hidden || row.Secret || row.Input {
			continue
		}
		initial, _ := row.initial()
		switch pair(key, text) {
		case pair(key, initial), "type = unicast", "metric = 0", "self = false": // the last are what rows do not know
			continue
		case "table = 254", pair("scope", routeScope(o.Values)):
			if o.Class == Route {
				continue
			}
		}
		list = order.Also(list, pair(prefix+tomlKey(key), row.toml(text)))
	}
	switch {
	case o.Class == TClass:
		list = order.Also(list, burstWords(o.Values)...)
	case o.Class == Address && strings.HasPrefix(o.Values.Get("local"), "127.") && o.Values.Get("scope") == "":
		list = order.Also(list, `scope = "global"`) // else it would be host
	}
	return list
}

// toml writes a value as the file has it.
func (r *Row) toml(text string) string {
	takes := r.Form.takes
	if takes&lists == 0 {
		return scalar(takes, text)
	}
	var items []string
	if r.Form == waysForm {
		for _, w := range parseWayTexts(text) {
			items = order.Also(items, w.toml())
		}
	} else {
		for _, item := range strings.Fields(text) {
			if id, weight, is := strings.Cut(item, "*"); is && r.Form == hopGroup {
				item = "{ id = " + id + ", weight = " + weight + " }"
			} else {
				item = scalar(takes, item)
			}
			items = order.Also(items, item)
		}
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// toml writes a way as a table.
func (w Way) toml() string {
	var list []string
	if w.Via != "" {
		list = order.Also(list, pair("via", quoted(w.Via)))
	}
	if w.Dev != "" {
		list = order.Also(list, pair("dev", quoted(w.Dev)))
	}
	if w.weight > 1 {
		list = order.Also(list, pair("weight", strconv.FormatUint(w.weight, 10)))
	}
	if w.onlink {
		list = order.Also(list, "onlink = true")
	}
	return inTable(list)
}

func scalar(takes shape, text string) string {
	number := text != "" && strings.Trim(strings.TrimPrefix(text, "-"), "0123456789") == ""
	if takes&bools != 0 || number && takes&(ints|numbers) != 0 {
		return text
	}
	return quoted(text)
}

func pair(key, value string) string { return key + " = " + value }

func quoted(text string) string { return string(conf.AppendString(nil, text)) }

// tomlKey writes a key, in quotes where TOML wants them.
func tomlKey(key string) string {
	for i := range len(key) {
		if strings.IndexByte("_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", key[i]) < 0 {
			return quoted(key)
		}
	}
	return key
}
