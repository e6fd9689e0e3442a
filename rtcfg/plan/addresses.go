package plan

import (
	"slices"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// addresses plans what is missing, what differs, and what goes.
func (m *maker) addresses() {
	for _, o := range m.have.Of(object.Address) {
		if !isIPv6(o) {
			m.heard[o.Values.Get("dev")] = true
		}
	}
	for _, o := range m.want.Of(object.Address) {
		dev := o.Values.Get("dev")
		if m.late[dev] != "" {
			m.await(o, "link "+dev)
			continue
		}
		if m.lacks(o) {
			continue
		}
		if isFleeting(o) && m.have.Objects[o.ID] == nil && m.isIdle(dev) {
			m.idle[o.ID] = true
			m.await(o, carrierOf(dev))
			continue
		}
		m.settleAddress(o, m.have.Objects[o.ID])
	}
	for _, have := range m.have.Of(object.Address) {
		dev := have.Values.Get("dev")
		switch {
		case !m.ours(have) || m.want.Find(have.ID) != nil:
		case m.owned.Before[have.ID] != nil:
			m.giveAddressBack(have)
		case m.primaryAnew(have):
			m.removeAddress(have)
		default:
			m.removeAddress(have, hasAddr(dev), noRoutes(dev)) // never without one in between
		}
	}
}

// primaryAnew tells a secondary whose primary is deleted, after it, and made
// anew.
func (m *maker) primaryAnew(have *object.Object) bool {
	return have.Values.Get("secondary") == "true" && slices.ContainsFunc(m.steps, func(s *Step) bool {
		return s.Op == object.Delete && s.ID.Class == object.Address && m.want.Find(s.ID) != nil &&
			noSecondaries(&object.Object{Values: s.Before}) == noSecondaries(have)
	})
}

// settleAddress plans what makes have, which may be nil, into o.
func (m *maker) settleAddress(o, have *object.Object) {
	if have == nil {
		m.createAddress(o)
		return
	}
	cost, same := object.CompareAddresses(o.Values, have.Values)
	switch {
	case same && m.ours(have):
		m.after.Made[o.ID] = 0
	case same:
	case cost == object.Recreate:
		m.takeAddress(have)
		m.removeAddress(have)
		m.createAddress(o)
	default:
		m.takeAddress(have)
		m.after.Made[o.ID] = 0
		w := object.Write{Op: object.Change, ID: o.ID, Values: o.Values}
		m.add(Step{Write: w, Before: have.Values, Pos: o.Pos}, m.addressNeeds(o), []string{addrIs(o.ID)})
	}
}

// takeAddress remembers what somebody else's address is that the file changes.
func (m *maker) takeAddress(have *object.Object) {
	if !m.ours(have) {
		m.after.Before[have.ID] = have.Values
	}
}

// giveAddressBack makes an address that was somebody else's, and left the file,
// into what it was before us.
func (m *maker) giveAddressBack(have *object.Object) {
	was := &object.Object{ID: have.ID, Values: m.owned.Before[have.ID]}
	if cost, _ := object.CompareAddresses(was.Values, have.Values); cost == object.Recreate {
		m.removeAddress(have)
		m.createAddress(was)
	} else {
		w := object.Write{Op: object.Change, ID: was.ID, Values: was.Values}
		m.add(Step{Write: w, Before: have.Values}, m.addressNeeds(was), nil)
	}
	delete(m.after.Made, have.ID)
}

// sameAddress tells an address that stays where it is.
func sameAddress(want, have *object.Object) bool {
	cost, same := object.CompareAddresses(want.Values, have.Values)
	return same || cost < object.Recreate
}

// addressNeeds gives what must be there before the address.
func (m *maker) addressNeeds(o *object.Object) []string {
	dev := o.Values.Get("dev")
	return []string{linkIs(dev), isSet(dev), sysctlsOf(dev), isSettled(dev), replaced(o.ID), slot(o)}
}

func (m *maker) createAddress(o *object.Object) {
	dev := o.Values.Get("dev")
	needs := order.Also(m.addressNeeds(o), m.makeRoom(o)...)
	if o.Local().Addr().Is4() {
		needs = order.Also(needs, promoting(dev)) // so that an undo deletes it before the setting is back
	}
	m.add(Step{Write: object.Write{Op: object.Create, ID: o.ID, Values: o.Values}, Pos: o.Pos, lost: m.loses(o)}, needs, []string{hasAddr(dev), addrIs(o.ID)})
	m.after.Made[o.ID] = 0
}

// slot is the place that an address has on its link, of which there is one: the
// kernel does not take the same IPv6 address with another prefix length or
// peer, nor the same IPv4 address twice in one subnet.
func slot(o *object.Object) string {
	local := o.Local()
	if local.Addr().Is6() {
		local = ip.PrefixFrom(local.Addr(), 128)
	}
	return "slot " + local.String() + " dev " + o.Values.Get("dev")
}

// makeRoom deletes first what the kernel does not take the new address beside.
func (m *maker) makeRoom(o *object.Object) (needs []string) {
	for _, have := range m.have.Of(object.Address) {
		inTheWay := slot(have) == slot(o) || otherScope(o, have)
		switch {
		case inTheWay && m.ours(have) && m.want.Find(have.ID) == nil:
			m.removeAddress(have)
		case inTheWay:
			needs = order.Also(needs, replaced(have.ID)) // it will be made anew, too
		}
	}
	for _, s := range m.steps {
		gone := s.Op == object.Delete && s.ID.Class == object.Address
		if gone && otherScope(o, &object.Object{Values: s.Before}) {
			needs = order.Also(needs, replaced(s.ID))
		}
	}
	return needs
}

// otherScope: the IPv4 addresses of a subnet have one scope.
func otherScope(o, have *object.Object) bool {
	a, b := o.Local().Masked(), have.Local().Masked()
	return a == b && a.Addr().Is4() && o.Values.Get("dev") == have.Values.Get("dev") && o.Values.Get("scope") != have.Values.Get("scope")
}

// removeAddress plans a deletion and, before it, that of our routes which the
// kernel would drop with the address. From then on m.have is without it.
func (m *maker) removeAddress(have *object.Object, after ...string) *Step {
	dev := have.Values.Get("dev")
	needs, gives := order.Also(after, routesLost(have.ID), unreached(dev, family(have))), []string{noAddrs(dev), slot(have)}
	m.have.Drop(have.ID)
	m.loseRoutes(have, len(after) > 0)
	if have.Local().Addr().Is4() {
		if m.bare[dev] {
			needs, gives = order.Also(needs, unmet(dev, "inet")), order.Also(gives, meets(dev, "inet"))
		}
		if have.Values.Get("secondary") == "true" {
			gives = order.Also(gives, noSecondaries(have))
		} else {
			needs = order.Also(needs, noSecondaries(have))
		}
		if !m.gone[dev] && m.survivors(have) {
			m.promote(dev)
			needs = order.Also(needs, promoting(dev))
		}
	}
	return m.remove(have, needs, gives)
}

// loseRoutes deletes what the kernel drops with an address: the routes from it,
// and all of a link that is left without any IPv4 address. newFirst says
// that new addresses and routes come before the deletion; else those that go, and
// next hops, have to do so while their gateway can be reached, for the sake of an
// undo.
func (m *maker) loseRoutes(address *object.Object, newFirst bool) {
	dev, local := address.Values.Get("dev"), address.Local().Addr()
	for _, o := range m.have.Of(object.Nexthop) {
		if !newFirst && m.ours(o) && m.want.Find(o.ID) == nil && o.Values.Get("dev") == dev && o.Values.Get("family") == family(address) {
			m.removeSoon(object.LookupSpec(object.Nexthop), o)
		}
	}
	bare := local.Is4() && !m.keepsAddress(dev, newFirst)
	m.bare[dev] = m.bare[dev] || bare
	if bare {
		m.deafen(dev)
	}
	for _, o := range m.have.Of(object.Route) {
		early := false
		for _, w := range object.Ways(o.Values) {
			via, err := ip.ParseAddr(w.Via)
			early = early || err == nil && address.Local().Contains(via)
		}
		early = early && !newFirst && m.want.Find(o.ID) == nil
		if o.Ours && (early || o.Values.Get("src") == local.String() || bare && leaves(o, dev) && o.To().Addr().Is4()) {
			m.removeRoute(o, routesLost(address.ID))
			m.flushed[o.ID] = noAddrs(dev)
		}
	}
}

// family gives that of an address, in the words of rows.
func family(address *object.Object) string {
	if isIPv6(address) {
		return "inet6"
	}
	return "inet"
}

// keepsAddress tells whether a link has an IPv4 address all the while.
func (m *maker) keepsAddress(dev string, newFirst bool) bool {
	for _, o := range m.have.Of(object.Address) {
		if o.Values.Get("dev") == dev && o.Local().Addr().Is4() && (!m.ours(o) || m.want.Find(o.ID) != nil && sameAddress(m.want.Find(o.ID), o)) {
			return true
		}
	}
	for _, o := range m.want.Of(object.Address) {
		if newFirst && o.Values.Get("dev") == dev && o.Local().Addr().Is4() && m.have.Objects[o.ID] == nil {
			return true
		}
	}
	return false
}

// survivors tells whether an address of the same subnet stays or comes: the
// kernel would delete such secondaries together with their primary.
func (m *maker) survivors(have *object.Object) bool {
	subnet := have.Local().Masked()
	same := func(o *object.Object) bool {
		return o.ID != have.ID && o.Values.Get("dev") == have.Values.Get("dev") && o.Local().Masked() == subnet
	}
	for _, o := range m.want.Of(object.Address) {
		if same(o) {
			return true
		}
	}
	for _, o := range m.have.Of(object.Address) {
		if same(o) && !m.ours(o) {
			return true
		}
	}
	return false
}

// promote has the kernel promote secondaries while a primary is deleted, and
// puts the setting back afterwards.
func (m *maker) promote(dev string) {
	id := object.SysctlID("net/ipv4/conf/" + dev + "/promote_secondaries")
	have := m.have.Objects[id]
	if have == nil || have.Values.Get("value") == "1" || m.want.Find(id) != nil {
		return
	}
	for _, s := range m.steps {
		if s.ID == id {
			return
		}
	}
	on, off := object.NewValues("value", "1"), have.Values
	var needs []string
	if m.resolved { // a link that is still to be renamed is there under its old name
		needs = order.Also(needs, linkIs(dev))
	}
	m.add(Step{Write: object.Write{Op: object.Change, ID: id, Values: on}, Before: off}, needs, []string{promoting(dev)})
	m.add(Step{Write: object.Write{Op: object.Change, ID: id, Values: off}, Before: on}, []string{promoting(dev), noAddrs(dev)}, []string{demoting(dev)})
}
