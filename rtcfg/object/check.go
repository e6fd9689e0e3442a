package object

import (
	"fmt"
	"maps"
	"net/netip"
	"path"
	"slices"
	"strings"

	"bootlink/rtcfg/conf"
)

// check finds what no single value shows: references to nothing, cycles, two
// for one place.
func check(d *Desired, faults *conf.Faults) {
	checkReferences(d, faults)
	checkCycles(d, faults)
	checkMatches(d, faults)
	checkPeers(d, faults)
	for _, o := range d.Of(Route) {
		checkRoute(o, faults)
	}
	for _, o := range d.Of(Address) {
		checkAddress(o, faults)
	}
}

func checkReferences(d *Desired, faults *conf.Faults) {
	var names []string
	for _, o := range d.Links() {
		names = append(names, o.Name)
		if peer := o.Values["veth.peer"]; peer != "" {
			names = append(names, peer)
		}
	}
	for _, o := range d.Links() {
		for _, key := range References(o.Values["kind"], o.Values) {
			to := o.Values[key]
			if slices.Contains(names, to) {
				continue
			}
			hint := fmt.Sprintf("add a table [link.%s]", tableKey(to))
			if near := conf.Suggest(to, names); near != "" {
				hint = fmt.Sprintf("did you mean %q? or add a table [link.%s]", near, tableKey(to))
			}
			faults.Addf(o.Place(key), hint, "link %q wants %q as its %s, which is not defined", o.Name, to, lastWord(key))
		}
		checkMaster(d, o, faults)
	}
}

// controllers are the kinds of links that others can be put under.
var controllers = map[string]bool{"bridge": true, "bond": true, "vrf": true, "team": true}

func checkMaster(d *Desired, o *Object, faults *conf.Faults) {
	master := d.Find(ID{Link, o.Values["master"]})
	for _, k := range Kinds() {
		at, ok := o.At[k.Name+"_port"]
		if ok && (master == nil || master.Values["kind"] != k.Name && (master.Values["kind"] != "" || len(k.Port) == 0)) {
			faults.Addf(at, "give it a "+k.Name+" as master", "link %q has options of a %s's port but is not one", o.Name, k.Name)
		}
	}
	if master == nil {
		return
	}
	if kind := master.Values["kind"]; kind != "" && !controllers[kind] {
		faults.Addf(o.Place("master"), "a master is a bridge, a bond or a vrf", "link %q cannot be put under %q, which is a %s", o.Name, master.Name, kind)
	}
}

// checkCycles follows each reference until it ends or returns.
func checkCycles(d *Desired, faults *conf.Faults) {
	told := map[string]bool{}
	for _, o := range d.Links() {
		walk := []string{o.Name}
		for at := o; at != nil && !told[at.Name]; {
			below := firstReference(at.Values)
			next := d.Find(ID{Link, below})
			if below == "" || next == nil {
				break
			}
			walk = append(walk, next.Name)
			if next == o {
				for _, name := range walk {
					told[name] = true
				}
				faults.Addf(o.Pos, "take one of them out", "links stand on each other in a circle: %s", strings.Join(walk, " -> "))
				break
			}
			if len(walk) > len(d.Objects) {
				break // a circle further on: its own members tell it
			}
			at = next
		}
	}
}

func checkMatches(d *Desired, faults *conf.Faults) {
	seen := map[string]*Object{}
	for _, o := range d.Links() {
		if o.Match == nil {
			continue
		}
		for _, pattern := range []string{o.Match.Name, o.Match.Path} {
			if _, err := path.Match(pattern, ""); err != nil {
				faults.Addf(o.Match.Pos, "in patterns * ? [a-z] have a meaning", "%q is not a pattern", pattern)
			}
		}
		if old := seen[o.Match.MAC]; old != nil {
			faults.Addf(o.Match.Pos, fmt.Sprintf("%q has it at %s", old.Name, old.Match.Pos), "two links match MAC %s", o.Match.MAC)
		} else if o.Match.MAC != "" {
			seen[o.Match.MAC] = o
		}
	}
}

// checkPeers: a veth's other end is one link with one other end.
func checkPeers(d *Desired, faults *conf.Faults) {
	by := map[string]*Object{}
	for _, o := range d.Links() {
		name := o.Values["veth.peer"]
		if name == "" {
			continue
		}
		if old := by[name]; old != nil {
			faults.Addf(o.Place("veth.peer"), fmt.Sprintf("%q has it at %s", old.Name, old.Place("veth.peer")), "link %q is the peer of two", name)
		}
		by[name] = o
		peer := d.Find(ID{Link, name})
		if peer == nil {
			continue
		}
		if kind := peer.Values["kind"]; kind != "" && (kind != "veth" || peer.Values["veth.peer"] != o.Name) {
			faults.Addf(peer.Place("kind"), fmt.Sprintf("leave out its kind, or say veth = { peer = %q }", o.Name), "link %q is the other end of %q and cannot be something else", name, o.Name)
		}
	}
}

func checkRoute(o *Object, faults *conf.Faults) {
	unicast := o.Values["type"] == "unicast"
	via, dev := o.Values["via"], o.Values["dev"]
	switch {
	case unicast && via == "" && dev == "":
		faults.Addf(o.Pos, `add via = "..." or dev = "..."`, "route to %s leads nowhere", o.Values["to"])
	case !unicast && o.Values["type"] != "local" && (via != "" || dev != ""):
		faults.Addf(o.Pos, "take out via and dev", "a %s route has no way to go", o.Values["type"])
	}
	for _, key := range []string{"via", "src"} {
		ip, err := netip.ParseAddr(o.Values[key])
		if err == nil && ip.Is4() != o.To().Addr().Is4() {
			faults.Addf(o.Place(key), "use addresses of one family", "route to %s has %s %s of the other family", o.Values["to"], key, ip)
		}
	}
}

// onlyIPv4 are an address's keys that IPv6 does not know, or knows better.
var onlyIPv4 = map[string]string{
	"label":     "an IPv6 address has no label",
	"broadcast": "an IPv6 address has no broadcast address",
	"scope":     "an IPv6 address has the scope of its prefix",
}

func checkAddress(o *Object, faults *conf.Faults) {
	local, link := o.Local().Addr(), o.Values["dev"]
	for _, key := range slices.Sorted(maps.Keys(onlyIPv4)) {
		if at, set := o.At[key]; set && local.Is6() {
			faults.Addf(at, "take it out", "%s", onlyIPv4[key])
		}
	}
	switch label := o.Values["label"]; {
	case local.IsUnspecified() || local.IsMulticast():
		faults.Addf(o.Pos, "use a unicast address", "%s cannot be a link's address", local)
	case local.Is4() && label != "" && label != link && !strings.HasPrefix(label, link+":"):
		faults.Addf(o.Place("label"), fmt.Sprintf("begin it with \"%s:\"", link), "label %q does not belong to link %q", label, link)
	}
	for _, key := range []string{"peer", "broadcast"} {
		if local.Is6() && onlyIPv4[key] != "" {
			continue
		}
		if ip, err := netip.ParseAddr(o.Values[key]); err == nil && ip.Is4() != local.Is4() {
			faults.Addf(o.Place(key), "use addresses of one family", "address %s has a %s %s of the other family", local, key, ip)
		}
	}
}

func firstReference(v Values) string {
	for _, key := range References(v["kind"], v) {
		if !LinkRow(key).Late {
			return v[key]
		}
	}
	return ""
}

func lastWord(key string) string { return key[strings.LastIndex(key, ".")+1:] }

// tableKey quotes a name that TOML would take apart.
func tableKey(name string) string {
	if strings.Contains(name, ".") {
		return `"` + name + `"`
	}
	return name
}
