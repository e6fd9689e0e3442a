package plan

import (
	"maps"
	"net/netip"

	"bootlink/rtcfg/object"
)

// routes plans what is missing, what differs, and what goes.
func (m *maker) routes() {
	for _, o := range m.want.Of(object.Route) {
		if o.Values["via"] == "" && o.Values["type"] == "unicast" {
			m.direct = append(m.direct, o)
		}
	}
	for _, o := range m.want.Of(object.Route) {
		o = m.withOutlet(o)
		needs, late := m.routeNeeds(o)
		if late != "" {
			m.await(o, "link "+late)
			continue
		}
		step := Step{Write: object.Write{Op: object.Create, ID: o.ID, Values: o.Values}, Pos: o.Pos}
		if have := m.have.Objects[o.ID]; have != nil {
			if sameRoute(o, have) {
				continue
			}
			step.Op, step.Before = object.Change, have.Values
		}
		gives := []string{routeIs(o.ID), routesMade(o.Values["dev"])}
		if step.Op == object.Change {
			gives = append(gives, noRoutes(step.Before["dev"]))
		}
		m.add(step, append(needs, replaced(o.ID), m.flushed[o.ID]), gives)
	}
	for _, have := range m.have.Of(object.Route) {
		if have.Ours && m.want.Find(have.ID) == nil {
			m.removeLate(have)
		}
	}
}

// withOutlet adds the link of the desired address that reaches the gateway,
// where the file leaves it to the kernel: that would take the addresses that are
// there at the moment, also one that is about to move.
func (m *maker) withOutlet(o *object.Object) *object.Object {
	via, err := netip.ParseAddr(o.Values["via"])
	if err != nil || o.Values["dev"] != "" {
		return o
	}
	dev, bits := "", -1
	for _, a := range m.onLink(via, "") {
		on := a.Values["dev"]
		switch {
		case m.late[on] != "" || on == dev || a.Local().Bits() < bits:
		case a.Local().Bits() == bits:
			return o // both reach it
		default:
			dev, bits = on, a.Local().Bits()
		}
	}
	if dev == "" {
		return o
	}
	c := *o
	c.Values = maps.Clone(o.Values)
	c.Values["dev"] = dev
	return &c
}

// removeLate deletes a route after the new ones of its link, unless those wait
// for the link to lose its last address.
func (m *maker) removeLate(o *object.Object) {
	dev := o.Values["dev"]
	if m.bare[dev] {
		m.removeRoute(o, noRoutes(dev))
		return
	}
	m.removeRoute(o, noRoutes(dev), routesMade(dev))
}

// removeRoute plans a deletion that gives a token, after those in needs. From
// then on m.have is without the route.
func (m *maker) removeRoute(o *object.Object, gives string, needs ...string) {
	delete(m.have.Objects, o.ID)
	m.remove(o, needs, []string{gives, noRoutes(o.Values["dev"])})
}

// remove plans the deletion of an observed object.
func (m *maker) remove(o *object.Object, needs, gives []string) *Step {
	delete(m.after.Made, o.ID)
	return m.add(Step{Write: object.Write{Op: object.Delete, ID: o.ID, Values: o.Values}, Before: o.Values}, needs, append(gives, replaced(o.ID)))
}

func sameRoute(want, have *object.Object) bool {
	for key, text := range want.Values {
		if r := object.RouteRow(key); r != nil && !r.Equal(text, have.Values[key]) {
			return false
		}
	}
	return true
}

// routeNeeds gives what must be there before the route, or the link that it has
// to wait for.
func (m *maker) routeNeeds(o *object.Object) (needs []string, late string) {
	dev := o.Values["dev"]
	if m.absent(dev) {
		return nil, dev
	}
	if dev != "" {
		needs = append(needs, linkIs(dev), isUp(dev), hasAddr(dev))
	}
	via, err := netip.ParseAddr(o.Values["via"])
	if err == nil {
		more, late := m.reach(o, via, dev)
		if late != "" {
			return nil, late
		}
		needs = append(needs, more...)
	}
	if src, err := netip.ParseAddr(o.Values["src"]); err == nil {
		for _, a := range m.want.Of(object.Address) {
			if a.Local().Addr() == src {
				needs = append(needs, addrIs(a.ID))
			}
		}
	}
	return needs, ""
}

// reach gives what makes a gateway reachable: addresses of its subnet, routes
// of this file to it. If all of them are on links that are late, so is it.
func (m *maker) reach(o *object.Object, via netip.Addr, dev string) (needs []string, late string) {
	for _, a := range m.onLink(via, dev) {
		on := a.Values["dev"]
		if m.late[on] != "" {
			late = on
			continue
		}
		needs = append(needs, addrIs(a.ID), isUp(on))
	}
	for _, r := range m.direct {
		if r.ID != o.ID && r.To().Contains(via) && r.To().Bits() > o.To().Bits() {
			if on := r.Values["dev"]; m.absent(on) {
				late = on
				continue
			}
			needs = append(needs, routeIs(r.ID))
		}
	}
	if len(needs) > 0 {
		late = ""
	}
	return needs, late
}
