package specs

import (
	"fmt"

	"bootlink/rtcfg/object"
)

// A table is rows of bootlink and where the specs describe them.
type table struct {
	name   string // before the rows' keys
	rows   []object.Row
	family string
	op     string // the message whose attributes and header they are
	size   int    // bytes of the header, 0 if nobody says
	inner  []nest // what the rows' attributes stand in, within the message
	kind   string // selects among what a nest may hold
}

// A nest is one by its attribute's name.
type nest string

// places says which spec describes the objects of a class, and what it calls
// their messages.
var places = map[object.Class]struct{ family, made, gone, get string }{
	object.Address:    {"rt-addr", "newaddr", "deladdr", "getaddr"},
	object.Route:      {"rt-route", "newroute", "delroute", "getroute"},
	object.Rule:       {"rt-rule", "newrule", "delrule", "getrule"},
	object.Neighbour:  {"rt-neigh", "newneigh", "delneigh", "getneigh"},
	object.Nexthop:    {"rt-nexthop", "newnexthop", "delnexthop", "getnexthop"},
	object.Qdisc:      {"tc", "newqdisc", "delqdisc", "getqdisc"},
	object.TClass:     {"tc", "newtclass", "deltclass", "gettclass"},
	object.BridgeVLAN: {"rt-link", "setlink", "dellink", "getlink"},
	object.WireGuard:  {"wireguard", "set-device", "set-device", "get-device"},
	object.Peer:       {"wireguard", "set-device", "set-device", "get-device"},
}

// allSpecs lists the classes that have a Spec.
func allSpecs() []*object.Spec {
	return append([]*object.Spec{object.AddressSpec(), object.RouteSpec()}, object.Specs()...)
}

// tables lists all rows that there are.
func tables() []table {
	link := table{name: "link", family: "rt-link", op: "newlink"}
	for _, key := range object.LinkKeys() {
		link.rows = append(link.rows, *object.LinkRow(key))
	}
	list := []table{link}
	for _, k := range object.Kinds() {
		own, top := table{name: k.Name, family: "rt-link", op: "newlink", inner: []nest{"linkinfo", "data"}, kind: k.Name}, link
		top.name, top.rows = "link."+k.Name, nil
		for _, r := range k.Rows {
			if r.Top {
				top.rows = append(top.rows, r)
			} else {
				own.rows = append(own.rows, r)
			}
		}
		port := table{name: k.Name + "_port", rows: k.Port, family: "rt-link", op: "newlink", inner: []nest{"linkinfo", "slave-data"}, kind: k.Name}
		list = append(list, own, top, port)
	}
	for _, s := range allSpecs() {
		list = append(list, tablesOf(s)...)
	}
	return list
}

func tablesOf(s *object.Spec) []table {
	p := places[s.Class]
	own := table{name: string(s.Class), rows: s.Rows, family: p.family, op: p.made, size: s.Header}
	if s.Mark.Wire != 0 {
		own.rows = append(own.rows[:len(own.rows):len(own.rows)], s.Mark)
	}
	list := []table{own}
	for name, k := range s.Kinds {
		more := own
		more.name, more.rows, more.kind = fmt.Sprintf("%s.%s", s.Class, name), k.Rows, name
		list = append(list, more)
	}
	return list
}
