package plan

import (
	"cmp"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// What stands on a link goes down with it: its VLANs, which the kernel sets up
// again with the link, and the ports of a switch whose conduit it is, which it
// does not (dsa_user_netdevice_event, vlan_device_event).

// lower prepares for the links that are to be set down for a while.
func (m *maker) lower() {
	for _, dev := range m.have.Of(object.Link) {
		if dev.Values.Get("up") != "true" || m.costs(dev) < object.Down {
			continue
		}
		for _, name := range m.sink(dev.Name) {
			if port := m.have.Link(name); object.Conduit(port.Values) != "" {
				v := port.Values.Clone()
				v.Set("up", "false")
				m.becomes(port, v)
				m.downed[name] = true
			}
		}
	}
}

// park sets a link down, if it is up, until its own steps come. It gives what
// has to be waited for.
func (m *maker) park(dev *object.Object, renames object.Renames) []string {
	to := renamed(dev.Name, renames)
	if dev.Values.Get("up") != "true" || m.downed[to] {
		return []string{isDown(dev.Name)}
	}
	m.downed[to] = true
	m.flush(dev.Name, isIPv6)
	for _, name := range m.sink(dev.Name) {
		if object.Conduit(m.have.Link(name).Values) != "" {
			m.downed[renamed(name, renames)] = true
		}
	}
	m.takeDown(dev.Name, object.Down, m.placeOf(to), flushed(dev.Name))
	return []string{isDown(dev.Name)}
}

// sink lists what goes down with a link, and flushes it.
func (m *maker) sink(link string) (sunk []string) {
	for _, dev := range m.have.Of(object.Link) {
		v := dev.Values
		isVLAN := v.Get("kind") == "vlan" && object.Carrier(v) == link && v.Get("vlan.loose_binding") != "true"
		if v.Get("up") != "true" || m.gone[dev.Name] || !isVLAN && object.Conduit(v) != link {
			continue
		}
		m.flush(dev.Name, isIPv6)
		sunk = order.Also(order.Also(sunk, dev.Name), m.sink(dev.Name)...)
		if isVLAN {
			m.above[link] = order.Also(m.above[link], dev.Name)
		}
	}
	m.sunk[link] = sunk
	return sunk
}

// takeDown sets a link down that is up, once everything is flushed that this
// would take away.
func (m *maker) takeDown(link string, cost object.Cost, pos conf.Pos, needs ...string) {
	gives := []string{isDown(link)}
	needs = order.Also(needs, noRoutes(link))
	for _, name := range m.sunk[link] {
		needs, gives = order.Also(needs, noRoutes(name), flushed(name)), order.Also(gives, isDown(name))
	}
	m.add(Step{Write: change(link, object.NewValues("up", "false")), Before: object.NewValues("up", "true"), Cost: cost, Pos: pos, along: m.sunk[link]}, needs, gives)
}

// upWith gives the tokens of a link that goes up, and of its VLANs that go up
// with it.
func (m *maker) upWith(link string) []string {
	gives := []string{isUp(link)}
	if m.downed[link] {
		gives = order.Also(gives, isSettled(link))
	}
	for _, name := range m.above[link] {
		gives = append(order.Also(gives, isSettled(name)), m.upWith(name)...)
	}
	return gives
}

// conduit gives the link that has to be up before a switch's port is; "" for
// all other links.
func (m *maker) conduit(o *object.Object) string {
	wanted := object.Conduit(o.Values)
	if dev := m.have.Link(o.Name); dev != nil {
		return cmp.Or(wanted, object.Conduit(dev.Values))
	}
	return wanted
}
