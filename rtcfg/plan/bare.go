package plan

import "bootlink/rtcfg/object"

// With its last IPv4 address a link loses ARP, and so its IPv4 neighbours, even
// those that are permanent (fib_disable_ip): ours go before that, and come again
// where the file has them.

// meeting tells an object that goes so.
func meeting(s *object.Spec, o *object.Object) bool {
	return s.NeedsMAC && o.Values["family"] == "inet"
}

// deafen deletes what a link loses with its last IPv4 address.
func (m *maker) deafen(link string) {
	for _, s := range object.Specs() {
		m.flushPlain(s, link, func(o *object.Object) bool { return meeting(s, o) })
	}
}

// findMet notes which of our objects are such, on links without an IPv4 address.
func (m *maker) findMet() {
	for _, s := range object.Specs() {
		if !s.NeedsMAC {
			continue
		}
		for _, o := range m.have.Of(s.Class) {
			if dev := o.Values["dev"]; m.ours(o) && meeting(s, o) {
				m.met[dev] = append(m.met[dev], o)
			}
		}
	}
	if len(m.met) == 0 {
		return
	}
	for _, o := range m.have.Of(object.Address) {
		if o.Local().Addr().Is4() {
			delete(m.met, o.Values["dev"])
		}
	}
}

// loses lists what goes when an undo deletes a new address: it was the first one
// of its link.
func (m *maker) loses(address *object.Object) []*object.Object {
	if address.Local().Addr().Is4() {
		return m.met[address.Values["dev"]]
	}
	return nil
}
