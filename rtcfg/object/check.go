package object

import (
	"fmt"
	"slices"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// check finds what no single value shows: references to nothing, cycles, two
// for one place.
func check(d *Desired, faults *conf.Faults) {
	checkReferences(d, faults)
	checkCycles(d, faults)
	checkMatches(d, faults)
	checkPeers(d, faults)
	checkAllowed(d, faults)
}

func checkReferences(d *Desired, faults *conf.Faults) {
	var names []string
	for _, o := range d.Links() {
		names = order.Also(names, o.Name)
		if peer := o.Values.Get("veth.peer"); peer != "" {
			names = order.Also(names, peer)
		}
	}
	for _, o := range d.Links() {
		for _, key := range References(o.Values.Get("kind"), o.Values) {
			to := o.Values.Get(key)
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
const controllers = " bridge bond vrf team "

func checkMaster(d *Desired, o *Object, faults *conf.Faults) {
	master := d.Find(ID{Link, o.Values.Get("master")})
	for i := range o.At {
		at := o.At[i].Pos
		name, isPort := strings.CutSuffix(o.At[i].Key, "_port")
		if k := kinds[name]; isPort && k != nil && (master == nil || master.Values.Get("kind") != k.Name && (master.Values.Get("kind") != "" || len(k.Port) == 0)) {
			faults.Addf(at, "give it a "+k.Name+" as master", "link %q has options of a %s's port but is not one", o.Name, k.Name)
		}
	}
	if master == nil {
		return
	}
	if kind := master.Values.Get("kind"); kind != "" && !strings.Contains(controllers, " "+kind+" ") {
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
			walk = order.Also(walk, next.Name)
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
			if _, err := conf.Glob(pattern, ""); err != nil {
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
		name := o.Values.Get("veth.peer")
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
		if kind := peer.Values.Get("kind"); kind != "" && (kind != "veth" || peer.Values.Get("veth.peer") != o.Name) {
			faults.Addf(peer.Place("kind"), fmt.Sprintf("leave out its kind, or say veth = { peer = %q }", o.Name), "link %q is the other end of %q and cannot be something else", name, o.Name)
		}
	}
}

func firstReference(v Values) string {
	for _, key := range References(v.Get("kind"), v) {
		if !LinkRow(key).Late {
			return v.Get(key)
		}
	}
	return ""
}

func lastWord(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// tableKey quotes a name that TOML would take apart.
func tableKey(name string) string {
	if strings.Contains(name, ".") {
		return `"` + name + `"`
	}
	return name
}
