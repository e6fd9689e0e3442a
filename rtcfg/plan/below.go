package plan

import (
	"cmp"
	"maps"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

// What stands on a link goes down with it: its VLANs, which the kernel sets up
// again with the link, and the ports of a switch whose conduit it is, which it
// does not (dsa_user_netdevice_event, vlan_device_event).

// lower prepares for the links that are to be set down for a while.
func (m *maker) lower() {
	for _, o := range m.want.Links() {
		dev := m.found[o.Name]
		if dev == nil || dev.Values["up"] != "true" || m.worst(differing(o, dev)) < object.Down {
			continue
		}
		for _, name := range m.sink(o.Name) {
			if port := m.have.Link(name); object.Conduit(port.Values) != "" {
				v := maps.Clone(port.Values)
				v["up"] = "false"
				m.becomes(port, v)
				m.downed[name] = true
			}
		}
	}
}

// sink lists what goes down with a link, and flushes it.
func (m *maker) sink(link string) (sunk []string) {
	for _, dev := range m.have.Of(object.Link) {
		v := dev.Values
		isVLAN := v["kind"] == "vlan" && object.Carrier(v) == link && v["vlan.loose_binding"] != "true"
		if v["up"] != "true" || m.gone[dev.Name] || !isVLAN && object.Conduit(v) != link {
			continue
		}
		m.flush(dev.Name, isIPv6)
		sunk = append(append(sunk, dev.Name), m.sink(dev.Name)...)
		if isVLAN {
			m.above[link] = append(m.above[link], dev.Name)
		}
	}
	m.sunk[link] = sunk
	return sunk
}

// takeDown sets a link down that is up, once everything is flushed that this
// would take away.
func (m *maker) takeDown(link string, cost object.Cost, pos conf.Pos, needs ...string) {
	gives := []string{isDown(link)}
	needs = append(needs, noRoutes(link))
	for _, name := range m.sunk[link] {
		needs, gives = append(needs, noRoutes(name), flushed(name)), append(gives, isDown(name))
	}
	m.add(Step{Write: change(link, object.Values{"up": "false"}), Before: object.Values{"up": "true"}, Cost: cost, Pos: pos, along: m.sunk[link]}, needs, gives)
}

// upWith gives the tokens of a link that goes up, and of its VLANs that go up
// with it.
func (m *maker) upWith(link string) []string {
	gives := []string{isUp(link)}
	if m.downed[link] {
		gives = append(gives, isSettled(link))
	}
	for _, name := range m.above[link] {
		gives = append(append(gives, isSettled(name)), m.upWith(name)...)
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
