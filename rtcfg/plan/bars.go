package plan

import (
	"slices"

	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// The kernel takes a gateway only if it finds a way to it, and it looks for one
// as for any packet: by the rules (ip6_route_check_nh, fib_check_nh_v4_gw). One
// that bars it makes it refuse the route, or the next hop. So rules that bar
// packets come after all that names gateways has come and gone, and go before.

// bars orders the steps so.
func (m *maker) bars() {
	if !slices.ContainsFunc(m.steps, isBar) {
		return
	}
	for _, s := range m.steps {
		switch {
		case isBar(s) && s.Op == object.Delete:
			s.needs, s.gives = nil, order.Also(s.gives, unbarred)
		case isBar(s):
			s.needs = order.Also(s.needs, allLed)
		case namesGateway(s.Values) || namesGateway(s.Before):
			s.needs, s.gives = order.Also(s.needs, unbarred), order.Also(s.gives, allLed)
		}
	}
}

// isBar tells a rule that ends the search for a route.
func isBar(s *Step) bool {
	if s.ID.Class != object.Rule {
		return false
	}
	switch s.Values.Get("type") {
	case "blackhole", "unreachable", "prohibit":
		return true
	}
	return false
}

// namesGateway tells the values of a route, or of a next hop object, that lead to
// a gateway.
func namesGateway(v object.Values) bool {
	return v.Get("via") != "" || v.Get("nexthops") != ""
}
