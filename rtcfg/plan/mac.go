package plan

import (
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// moveMACs looks for links whose MAC address a step changes: those that get one
// from the file, and bridges, which follow their ports. The kernel forgets all
// neighbours on such a link, even those that are permanent (neigh_changeaddr):
// ours go before that, and come again where the file has them.
func (m *maker) moveMACs() {
	for _, step := range m.steps {
		for _, link := range m.readdressed(step) {
			for _, s := range object.Specs() {
				if s.NeedsMAC {
					m.flushPlain(s, link)
				}
			}
			step.needs, step.gives = order.Also(step.needs, strange(link)), order.Also(step.gives, macIs(link))
		}
	}
}

// readdressed lists the links whose MAC address a step may change.
func (m *maker) readdressed(step *Step) (links []string) {
	if step.ID.Class != object.Link {
		return nil
	}
	if step.Values.Has("address") && step.Op == object.Change {
		links = order.Also(links, step.After().Name)
	}
	masters := []string{step.Values.Get("master")}
	if step.Values.Has("master") && step.Op == object.Change {
		masters = order.Also(masters, step.Before.Get("master"))
	}
	if step.peer != nil {
		masters = order.Also(masters, step.peer.Values.Get("master"))
	}
	for _, master := range masters {
		if m.isBridge(master) {
			links = order.Also(links, master)
		}
	}
	return links
}

// isBridge tells a bridge, or a master that goes, whatever it is.
func (m *maker) isBridge(link string) bool {
	if m.gone[link] {
		return true
	}
	for _, o := range []*object.Object{m.want.Find(linkID(link)), m.have.Link(link)} {
		if o != nil && o.Values.Get("kind") == "bridge" {
			return true
		}
	}
	return false
}
