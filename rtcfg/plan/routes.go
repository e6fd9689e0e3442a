package plan

import (
	"slices"

	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// routes plans what is missing, what differs, and what goes.
func (m *maker) routes() {
	m.loseNexthops()
	for _, o := range m.want.Of(object.Route) {
		if isDirect(o) {
			m.direct = append(m.direct, subnet{id: o.ID, dev: o.Values.Get("dev"), all: o.To()})
		}
	}
	for _, o := range m.want.Of(object.Route) {
		o = m.withOutlets(o)
		needs, late := m.routeNeeds(o)
		if m.lacks(o) {
			continue
		}
		if late != "" {
			m.await(o, "link "+late)
			continue
		}
		if late = m.idleRoute(o); late != "" {
			m.await(o, late)
			continue
		}
		m.settleRoute(o, m.have.Objects[o.ID], needs)
	}
	for _, have := range m.have.Of(object.Route) {
		if have.Ours && m.want.Find(have.ID) == nil && !m.want.FillsTable(have.Values.Get("table")) {
			m.removeLate(have)
		}
	}
}

// settleRoute plans what makes have, which may be nil, into o: the kernel
// replaces a route in place.
func (m *maker) settleRoute(o, have *object.Object, needs []string) {
	step := Step{Write: object.Write{Op: object.Create, ID: o.ID, Values: o.Values}, Pos: o.Pos}
	if have != nil {
		if _, same := object.RouteSpec().Compare(o.Values, have.Values, nil); same {
			return
		}
		step.Op, step.Before = object.Change, have.Values
	}
	gives := []string{routeIs(o.ID)}
	for _, dev := range devs(o.Values) {
		if m.flushed[o.ID] == "" { // else those that go must not wait for it: it waits for them
			gives = order.Also(gives, routesMade(dev))
		}
	}
	if have != nil {
		gives = order.Also(gives, given(have)...)
	}
	m.add(step, order.Also(needs, replaced(o.ID), m.flushed[o.ID]), gives)
}

// given lists what holds once an observed route is not there any more, or not as
// it was.
func given(have *object.Object) (gives []string) {
	for _, dev := range devs(have.Values) {
		gives = order.Also(gives, noRoutes(dev))
	}
	for _, id := range nexthops(have.Values) {
		gives = order.Also(gives, unreferred(id))
	}
	return gives
}

// isDirect tells a route that leads to a link and not to a gateway.
func isDirect(o *object.Object) bool {
	if o.Values.Get("via") != "" {
		return false
	}
	ways := object.Ways(o.Values)
	return len(ways) == 1 && ways[0].Via == "" && o.Values.Get("type") == "unicast"
}

// devs lists the links by which a route leads: "" for none, or one that is not
// said.
func devs(v object.Values) (links []string) {
	if v.Get("nexthops") == "" {
		return []string{v.Get("dev")}
	}
	for _, w := range object.Ways(v) {
		if !slices.Contains(links, w.Dev) {
			links = order.Also(links, w.Dev)
		}
	}
	if links == nil {
		return []string{""}
	}
	return links
}

// leaves tells whether a route leads by way of a link.
func leaves(o *object.Object, link string) bool { return slices.Contains(devs(o.Values), link) }

// nexthops lists the next hop object that a route names.
func nexthops(v object.Values) []object.ID {
	if v.Get("nhid") == "" {
		return nil
	}
	return []object.ID{{Class: object.Nexthop, Name: v.Get("nhid")}}
}

// loseNexthops deletes first the routes that the kernel would drop with a next
// hop that goes, or is made anew.
func (m *maker) loseNexthops() {
	gone := map[object.ID]bool{}
	for _, s := range m.steps {
		gone[s.ID] = gone[s.ID] || s.Op == object.Delete && s.ID.Class == object.Nexthop
	}
	for _, o := range m.have.Of(object.Route) {
		if ids := nexthops(o.Values); o.Ours && len(ids) > 0 && gone[ids[0]] && !m.refersElsewhere(o, gone) {
			m.removeRoute(o, unreferred(ids[0]))
		}
	}
}

// refersElsewhere tells a route that will be replaced in place by one without
// the next hop that it has now, before that goes: nothing that it needs waits
// for that.
func (m *maker) refersElsewhere(have *object.Object, gone map[object.ID]bool) bool {
	o := m.want.Find(have.ID)
	if o == nil || m.want.Find(nexthops(have.Values)[0]) != nil {
		return false
	}
	if ids := nexthops(o.Values); len(ids) > 0 && gone[ids[0]] {
		return false
	}
	o = m.withOutlets(o)
	return m.lateLink(object.Ways(o.Values)) == "" && !slices.ContainsFunc(devs(o.Values), func(dev string) bool { return m.downed[dev] })
}

// lateLink names a link that a route leads by and that is not there.
func (m *maker) lateLink(ways []object.Way) string {
	for _, w := range ways {
		if m.lead(w.Via, w.Dev).absent {
			return w.Dev
		}
	}
	return ""
}

// removeLate deletes a route after the new ones of its links, unless those wait
// for a link to lose its last address.
func (m *maker) removeLate(o *object.Object) {
	var needs []string
	for _, dev := range devs(o.Values) {
		if !m.bare[dev] {
			needs = order.Also(needs, routesMade(dev))
		}
	}
	m.removeRoute(o, noRoutes(""), needs...)
}

// removeRoute plans a deletion that gives a token, after those in needs. From
// then on m.have is without the route.
func (m *maker) removeRoute(o *object.Object, gives string, needs ...string) {
	m.have.Drop(o.ID)
	m.remove(o, needs, order.Also(given(o), gives))
}

// remove plans the deletion of an observed object.
func (m *maker) remove(o *object.Object, needs, gives []string) *Step {
	delete(m.after.Made, o.ID)
	return m.add(Step{Write: object.Write{Op: object.Delete, ID: o.ID, Values: o.Values}, Before: o.Values}, needs, order.Also(gives, replaced(o.ID)))
}
