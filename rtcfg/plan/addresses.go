package plan

import (
	"net/netip"

	"bootlink/rtcfg/object"
)

// addresses plans what is missing, what differs, and what goes.
func (m *maker) addresses() {
	for _, o := range m.want.Of(object.Address) {
		dev := o.Values["dev"]
		if m.late[dev] != "" {
			m.await(o, "link "+dev)
			continue
		}
		have := m.have.Objects[o.ID]
		if m.fresh(dev) || m.gone[dev] {
			have = nil // what is there goes with the link, or is deleted first
		}
		switch {
		case have == nil:
			m.createAddress(o)
		case !sameAddress(o, have):
			m.deleteAddress(have, true)
			m.createAddress(o)
		case m.ours(have):
			m.after.Made[o.ID] = 0
		}
	}
	for _, have := range m.have.Of(object.Address) {
		dev := have.Values["dev"]
		kept := m.want.Find(have.ID) != nil && !m.gone[dev]
		if m.ours(have) && !kept {
			m.deleteAddress(have, false)
		}
	}
}

func sameAddress(want, have *object.Object) bool {
	for key, text := range want.Values {
		if r := object.AddressRow(key); r != nil && !r.Equal(text, have.Values[key]) {
			return false
		}
	}
	return true
}

func (m *maker) createAddress(o *object.Object) {
	dev := o.Values["dev"]
	m.add(Step{Write: object.Write{Op: object.Create, ID: o.ID, Values: o.Values}, Pos: o.Pos},
		[]string{linkIs(dev), isSet(dev), sysctlsOf(dev), replaced(o.ID)}, []string{hasAddr(dev), addrIs(o.ID)})
	m.after.Made[o.ID] = 0
}

// deleteAddress plans a deletion. New addresses of the link come first, so that
// it is never without one; again says that this address comes back at once, and
// then that order is not to be had.
func (m *maker) deleteAddress(have *object.Object, again bool) {
	dev := have.Values["dev"]
	needs, gives := []string{noRoutes(dev)}, []string{noAddrs(dev)}
	if !again {
		needs = append(needs, hasAddr(dev))
	} else if !m.otherAddress(have) {
		m.flushRoutes(dev)
	}
	if have.Local().Addr().Is4() && !m.gone[dev] && m.survivors(have) {
		m.promote(dev)
		needs = append(needs, promoting(dev))
	}
	m.remove(have, needs, gives)
}

// otherAddress tells whether the link keeps another IPv4 address meanwhile.
func (m *maker) otherAddress(have *object.Object) bool {
	if !have.Local().Addr().Is4() {
		return true
	}
	for _, o := range m.have.Of(object.Address) {
		if o != have && o.Values["dev"] == have.Values["dev"] && o.Local().Addr().Is4() {
			return true
		}
	}
	return false
}

// flushRoutes: the kernel drops a link's routes with its last IPv4 address.
// Ours are deleted before, so that an undo knows them, and made again after.
func (m *maker) flushRoutes(dev string) {
	for _, o := range m.have.Of(object.Route) {
		if o.Values["dev"] == dev && o.Ours && o.To().Addr().Is4() {
			m.remove(o, nil, []string{noRoutes(dev)})
			delete(m.have.Objects, o.ID)
		}
	}
}

// survivors tells whether an address of the same subnet stays or comes: the
// kernel would delete such secondaries together with their primary.
func (m *maker) survivors(have *object.Object) bool {
	subnet := have.Local().Masked()
	same := func(o *object.Object) bool {
		return o.ID != have.ID && o.Values["dev"] == have.Values["dev"] && o.Local().Masked() == subnet
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
	if have == nil || have.Values["value"] == "1" || m.want.Find(id) != nil {
		return
	}
	for _, s := range m.steps {
		if s.ID == id {
			return
		}
	}
	on, off := object.Values{"value": "1"}, have.Values
	m.add(Step{Write: object.Write{Op: object.Change, ID: id, Values: on}, Before: off}, []string{linkIs(dev)}, []string{promoting(dev)})
	m.add(Step{Write: object.Write{Op: object.Change, ID: id, Values: off}, Before: on}, []string{promoting(dev), noAddrs(dev)}, nil)
}

// onLink lists the desired addresses whose subnet holds ip; dev "" is any link.
func (m *maker) onLink(ip netip.Addr, dev string) []*object.Object {
	var hits []*object.Object
	for _, o := range m.want.Of(object.Address) {
		if dev != "" && o.Values["dev"] != dev {
			continue
		}
		subnet := o.Local()
		if peer, err := netip.ParseAddr(o.Values["peer"]); err == nil {
			subnet = netip.PrefixFrom(peer, subnet.Bits())
		}
		if subnet.Contains(ip) {
			hits = append(hits, o)
		}
	}
	return hits
}
