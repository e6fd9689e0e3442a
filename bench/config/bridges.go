package config

import (
	"fmt"
	"strings"
)

// bridges is n bridges with an address each. The change is another address.
func bridges(n int) *Scenario {
	changed := n / 2
	address := func(net, i int) string { return fmt.Sprintf("%d.%d.%d.1/24", net, i/256, i%256) }
	s := &Scenario{name: "bridges", size: fmt.Sprintf("%d bridges with an address each", n), setup: "link set lo up\n", limit: cconfig("bridges", n),
		counts:   counts{links: n, up: n, addresses: n, routes: n, rules: 5},
		networkd: map[string]string{}, links: n, stanza: fmt.Sprintf("b%d", changed),
		slow: map[string]bool{oneByOne: true, ifupdown: true}}
	var toml, changedTOML, stanzas, changedStanzas strings.Builder
	toml.WriteString("version = 1\n")
	changedTOML.WriteString("version = 1\n")
	for i := range n {
		s.lines = append(s.lines, fmt.Sprintf("ip link add b%d up type bridge", i), fmt.Sprintf("ip address add %s dev b%d", address(10, i), i))
		net := 10
		if i == changed {
			net = 11
		}
		const table, stanza = "[link.b%d]\nkind = \"bridge\"\naddresses = [%q]\n", "auto b%d\niface b%[1]d\n\tbridge-ports none\n\taddress %s\n"
		fmt.Fprintf(&toml, table, i, address(10, i))
		fmt.Fprintf(&changedTOML, table, i, address(net, i))
		fmt.Fprintf(&stanzas, stanza, i, address(10, i))
		fmt.Fprintf(&changedStanzas, stanza, i, address(net, i))
		s.networkd[fmt.Sprintf("b%d.netdev", i)] = fmt.Sprintf("[NetDev]\nName=b%d\nKind=bridge\n", i)
		s.networkd[fmt.Sprintf("b%d.network", i)] = fmt.Sprintf("[Match]\nName=b%d\n[Network]\nAddress=%s\nLinkLocalAddressing=no\nConfigureWithoutCarrier=yes\n", i, address(10, i))
	}
	s.toml = map[string]string{apply: toml.String(), change: changedTOML.String()}
	s.stanzas = map[string]string{apply: stanzas.String(), change: changedStanzas.String()}
	s.changes = []string{fmt.Sprintf("ip address add %s dev b%d", address(11, changed), changed), fmt.Sprintf("ip address delete %s dev b%d", address(10, changed), changed)}
	s.proof = proof{fmt.Sprintf("ip address show dev b%d", changed), address(11, changed)}
	return s
}
