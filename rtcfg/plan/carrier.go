package plan

import "bootlink/rtcfg/object"

// idleHop gives what a next hop has to wait for: the kernel takes none by a link without
// carrier, and drops those that it has with the carrier. A group waits for its members.
func (m *maker) idleHop(s *object.Spec, o *object.Object) string {
	if s.Class != object.Nexthop || m.have.Objects[o.ID] != nil && o.Values["group"] == "" {
		return ""
	}
	links, others := s.References(o.Values)
	for _, link := range links {
		if m.isIdle(link) {
			return "the carrier of " + link
		}
	}
	for _, id := range others {
		if hop := m.want.Find(id); hop != nil && m.idleHop(s, hop) != "" {
			return id.String()
		}
	}
	return ""
}

// isIdle tells a link that is without carrier and that this plan does not touch, which
// may bring it.
func (m *maker) isIdle(link string) bool {
	if m.have.Idle[link] {
		return true
	}
	dev := m.have.Link(link)
	if dev == nil || !dev.Idle || dev.Values["up"] != "true" {
		return false
	}
	for _, s := range m.steps {
		if s.ID == linkID(link) || s.ID.Class == object.Link && s.Values["master"] == link {
			return false
		}
	}
	return true
}
