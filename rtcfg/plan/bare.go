package plan

import "bootlink/rtcfg/object"

// With its last IPv4 address a link loses ARP, and so its IPv4 neighbours, even
// those that are permanent (fib_disable_ip): ours go before that, and come again
// where the file has them.

// met lists our IPv4 neighbours of a link.
func (m *maker) met(link string) (list []*object.Object) {
	for _, o := range m.have.Of(object.Neighbour) {
		if o.Values.Get("dev") == link && o.Values.Get("family") == "inet" && m.ours(o) {
			list = append(list, o)
		}
	}
	return list
}

// deafen deletes what a link loses with its last IPv4 address.
func (m *maker) deafen(link string) {
	for _, o := range m.met(link) {
		m.removeSoon(object.LookupSpec(object.Neighbour), o)
	}
}

// loses lists what goes when an undo deletes a new address: it was the first one
// of its link.
func (m *maker) loses(address *object.Object) []*object.Object {
	dev := address.Values.Get("dev")
	if m.heard[dev] || isIPv6(address) {
		return nil
	}
	return m.met(dev)
}
