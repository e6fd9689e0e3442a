package plan

import (
	"strings"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/object"
)

// idleHop gives what a next hop has to wait for: its link, and that link's carrier, for
// the kernel takes none without, and drops those that it has with the carrier. A group
// waits for its members.
func (m *maker) idleHop(s *object.Spec, o *object.Object) string {
	if s.Class != object.Nexthop {
		return ""
	}
	links, others := s.References(o.Values)
	for _, link := range links {
		if m.absent(link) {
			return "link " + link
		}
		if m.have.Objects[o.ID] == nil && m.isIdle(link) {
			return carrierOf(link)
		}
	}
	for _, id := range others {
		if hop := m.want.Find(id); hop != nil && m.idleHop(s, hop) != "" {
			return id.String()
		}
	}
	return ""
}

// atHand gives a group without the members that wait, as the kernel leaves one whose
// members lose their carrier; nil: none is there.
func (m *maker) atHand(s *object.Spec, o *object.Object) *object.Object {
	var group string
	for _, word := range strings.Split(o.Values.Get("group"), " ") {
		name, _, _ := strings.Cut(word, "*")
		if hop := m.want.Find(object.ID{Class: s.Class, Name: name}); hop == nil || m.idleHop(s, hop) == "" {
			group += " " + word
		}
	}
	if o.Values.Get("group") == "" || group == "" {
		return nil
	}
	values := o.Values.Clone()
	values.Set("group", group[1:])
	return &object.Object{ID: o.ID, Values: values, Pos: o.Pos}
}

// idleRoute gives what a route has to wait for: its next hop, or its IPv6 source, which
// the kernel takes only after a search for duplicates, and that needs a carrier.
func (m *maker) idleRoute(o *object.Object) string {
	if ids := nexthops(o.Values); len(ids) > 0 && m.idle[ids[0]] {
		return ids[0].String()
	}
	text := o.Values.Get("src")
	if text == "" {
		return ""
	}
	src, err := ip.ParseAddr(text)
	if err != nil || src.Is4() || m.have.Objects[o.ID] != nil {
		return ""
	}
	for _, a := range m.want.Of(object.Address) {
		link, have := a.Values.Get("dev"), m.have.Objects[a.ID]
		if a.Local().Addr() == src && a.Values.Get("nodad") == "" && (have == nil || have.Values.Get("tentative") != "") && m.isIdle(link) {
			return carrierOf(link)
		}
	}
	return ""
}

// isFleeting tells an address that the kernel drops from a link without carrier.
func isFleeting(o *object.Object) bool {
	return isIPv6(o) && o.Values.Get("valid_lft") != "" && o.Values.Get("nodad") == ""
}

// lacks tells an object that only another kernel can have, and notes it: what refers to
// it waits, too.
func (m *maker) lacks(o *object.Object) bool {
	why := m.have.Lacking[o.ID]
	if why == "" {
		return false
	}
	m.idle[o.ID] = true
	m.await(o, why)
	return true
}

// carrierOf is what waits for a link's carrier, for people.
func carrierOf(link string) string { return "the carrier of " + link }

// isIdle tells a link that is without carrier and that this plan does not touch, which
// may bring it.
func (m *maker) isIdle(link string) bool {
	if m.have.Idle[link] {
		return true
	}
	dev := m.have.Link(link)
	if dev == nil || !dev.Idle || dev.Values.Get("up") != "true" {
		return false
	}
	for _, s := range m.steps {
		if s.ID == linkID(link) || s.ID.Class == object.Link && s.Values.Get("master") == link {
			return false
		}
	}
	return true
}
