package plan

import (
	"bootlink/nlcore/ip"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// What reaches a gateway is looked for among the desired addresses and the routes
// that lead to a link. There may be many routes and few gateways: texts are read
// once, and what was found for the last gateway is kept.

// A subnet is what a desired address, or a route to a link, makes reachable on its link.
type subnet struct {
	_ [0]func() // no equality: it would be code

	id   object.ID // of the address or route
	dev  string
	addr ip.Addr
	all  ip.Prefix // with the peer's address, where there is one
}

// subnetsOf lists those of desired addresses.
func subnetsOf(addresses []*object.Object) []subnet {
	list := make([]subnet, len(addresses))
	for i, o := range addresses {
		local := o.Local()
		list[i] = subnet{id: o.ID, dev: o.Values.Get("dev"), addr: local.Addr(), all: local}
		if peer, err := ip.ParseAddr(o.Values.Get("peer")); err == nil {
			list[i].all = ip.PrefixFrom(peer, local.Bits())
		}
	}
	return list
}

// A lead is what is known of a way that routes lead.
type lead struct {
	_ [0]func() // no equality: it would be code

	absent   bool     // its link is not there, nor will it be
	via, dev string   // the way
	addr     ip.Addr  // of via, "" if it has none
	outlet   string   // where the way has no link: that of the address that reaches the gateway
	needs    []string // for its link, and for an address that reaches the gateway
	reached  bool     // there is such an address
	late     string   // else the link of one that waits
}

// lead looks at a way. What it gives holds until it looks at another.
func (m *maker) lead(via, dev string) *lead {
	l := &m.way
	if dev == "" {
		l = &m.unsaid
	}
	if l.via == via && l.dev == dev {
		return l
	}
	*l = lead{via: via, dev: dev, absent: m.absent(dev)}
	if l.addr, _ = ip.ParseAddr(via); dev == "" {
		l.outlet = m.outlet(l.addr)
	} else {
		l.needs = []string{linkIs(dev), isUp(dev), hasAddr(dev)}
	}
	for i := range m.subnets {
		s := &m.subnets[i]
		switch {
		case !s.all.Contains(l.addr) || dev != "" && dev != s.dev:
		case m.late[s.dev] != "" || m.idle[s.id]:
			l.late = s.dev
		default:
			l.reached = true
			l.needs = order.Also(l.needs, addrIs(s.id), isUp(s.dev))
		}
	}
	return l
}

// outlet gives the link of the desired address that reaches a gateway; "" if
// there is none, or if several reach it alike.
func (m *maker) outlet(via ip.Addr) string {
	dev, bits := "", -1
	for i := range m.subnets {
		s := &m.subnets[i]
		switch {
		case !s.all.Contains(via) || m.late[s.dev] != "" || s.dev == dev || s.all.Bits() < bits:
		case s.all.Bits() == bits:
			return ""
		default:
			dev, bits = s.dev, s.all.Bits()
		}
	}
	return dev
}

// withOutlets adds the links of the desired addresses that reach the gateways,
// where the file leaves it to the kernel: that would take the addresses that are
// there at the moment, also one that is about to move.
func (m *maker) withOutlets(o *object.Object) *object.Object {
	ways, found := object.Ways(o.Values), false
	for i, w := range ways {
		if w.Dev == "" {
			ways[i].Dev = m.lead(w.Via, "").outlet
			found = found || ways[i].Dev != ""
		}
	}
	if !found {
		return o
	}
	c := *o
	c.Values = o.Values.Clone()
	object.SetWays(c.Values, ways)
	return &c
}

// routeNeeds gives what must be there before the route, or the link that it has
// to wait for.
func (m *maker) routeNeeds(o *object.Object) (needs []string, late string) {
	ways := object.Ways(o.Values)
	if late := m.lateLink(ways); late != "" {
		return nil, late
	}
	for _, w := range ways {
		l := m.lead(w.Via, w.Dev)
		more, late := m.reach(o, l)
		if late != "" {
			return nil, late
		}
		needs = order.Also(order.Also(needs, l.needs...), more...)
	}
	for _, id := range nexthops(o.Values) {
		needs = order.Also(needs, plainIs(id))
	}
	if text := o.Values.Get("src"); text != "" {
		src, _ := ip.ParseAddr(text)
		for i := range m.subnets {
			if m.subnets[i].addr == src {
				needs = order.Also(needs, addrIs(m.subnets[i].id))
			}
		}
	}
	return needs, ""
}

// reach gives the routes of this file that make a way's gateway reachable. If they,
// and the addresses that do, are all on links that are late, so is the route.
func (m *maker) reach(o *object.Object, l *lead) (needs []string, late string) {
	late = l.late
	for i := range m.direct {
		r := &m.direct[i]
		switch {
		case !r.all.Contains(l.addr) || r.id == o.ID || r.all.Bits() <= o.To().Bits():
		case m.absent(r.dev):
			late = r.dev
		default:
			needs = order.Also(needs, routeIs(r.id))
		}
	}
	if l.reached || len(needs) > 0 {
		late = ""
	}
	return needs, late
}
