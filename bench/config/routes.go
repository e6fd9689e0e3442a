package config

import (
	"fmt"
	"strings"
)

// routes is a table of n routes, which bootlink has from a file. The change is
// another gateway.
func routes(n int) *Scenario {
	changed := n / 2
	s := &Scenario{name: "routes", size: fmt.Sprintf("%d routes from a file", n), rounds: 3,
		setup: "link set lo up\nlink add v0 type veth peer name v1\nlink set v1 up\nlink set v0 up\n" +
			"address add 192.0.2.1/24 dev v0\n",
		counts: counts{links: 2, up: 2, addresses: 1, routes: n + 1, rules: 5},
		lazy:   map[string]bool{oneByOne: true}}
	s.limit = func(op string) string {
		return fmt.Sprintf("climit %s %d", map[string]string{apply: "add", again: "noop", change: "change"}[op], n)
	}
	prefix := func(i int) string { return fmt.Sprintf("%d.%d.%d.0/24", 16+i>>16, i>>8&255, i&255) }
	var files [2]strings.Builder
	for i := range n {
		route := prefix(i) + " via 192.0.2.2 dev v0 metric 100"
		s.lines = append(s.lines, "ip route add "+route+" proto static")
		fmt.Fprintln(&files[0], route)
		if i == changed {
			route = strings.Replace(route, "192.0.2.2", "192.0.2.3", 1)
			s.changes = []string{"ip route replace " + route + " proto static"}
		}
		fmt.Fprintln(&files[1], route)
	}
	s.files = map[string]string{"routes": files[0].String(), "routes.change": files[1].String()}
	const toml = "version = 1\n[[route_file]]\npath = %q\n"
	s.toml = map[string]string{apply: fmt.Sprintf(toml, "routes"), change: fmt.Sprintf(toml, "routes.change")}
	s.proof = proof{"ip route show " + prefix(changed), "via 192.0.2.3"}
	return s
}
