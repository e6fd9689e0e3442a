package config

import (
	"fmt"
	"strings"
)

// rules is n rules, each with its own source and priority. The change is another
// source.
func rules(n int) *Scenario {
	changed := n / 2
	source := func(net, i int) string { return fmt.Sprintf("%d.%d.%d.%d", net, i>>16&255, i>>8&255, i&255) }
	s := &Scenario{name: "rules", size: fmt.Sprintf("%d rules", n), rounds: 5, limit: cconfig("rules", n),
		setup:  "link set lo up\nlink add p1 type veth peer name q1\nlink set q1 up\nlink set p1 up\n",
		counts: counts{links: 2, up: 2, rules: n + 5}, links: 1,
		slow: map[string]bool{oneByOne: true, networkd: true}}
	var toml [2]strings.Builder
	for k := range toml {
		toml[k].WriteString("version = 1\n")
	}
	var network strings.Builder
	network.WriteString("[Match]\nName=p1\n[Network]\nLinkLocalAddressing=no\n")
	for i := range n {
		s.lines = append(s.lines, fmt.Sprintf("ip rule add from %s table 100 priority %d protocol 98", source(10, i), 1000+i))
		for k := range toml {
			from := source(10, i)
			if k == 1 && i == changed {
				from = source(11, i)
			}
			fmt.Fprintf(&toml[k], "[[rule]]\nfrom = \"%s/32\"\ntable = 100\npriority = %d\n", from, 1000+i)
		}
		fmt.Fprintf(&network, "[RoutingPolicyRule]\nFrom=%s\nTable=100\nPriority=%d\n", source(10, i), 1000+i)
	}
	s.toml = map[string]string{apply: toml[0].String(), change: toml[1].String()}
	s.networkd = map[string]string{"p1.network": network.String()}
	s.changes = []string{
		fmt.Sprintf("ip rule add from %s table 100 priority %d protocol 98", source(11, changed), 1000+changed),
		fmt.Sprintf("ip rule delete from %s table 100 priority %d protocol 98", source(10, changed), 1000+changed),
	}
	s.proof = proof{fmt.Sprintf("ip rule show priority %d", 1000+changed), source(11, changed)}
	return s
}
