package config

import "fmt"

// router is a small one: a bridge with four ports, three addresses, n routes and
// a default one, two rules, a queueing discipline. The change is another gateway.
func router(n int) *Scenario {
	s := &Scenario{name: "router", size: "a small router", setup: "link set lo up\n", limit: cconfig("router", n), links: 6, stanza: "br-lan",
		counts: counts{links: 11, up: 11, ports: 4, addresses: 3, routes: n + 3, rules: 7, qdiscs: 1}}
	changed := n/2 + 1
	s.proof = proof{fmt.Sprintf("ip route show 10.%d.0.0/16", changed), "via 192.168.10.3"}
	s.changes = []string{fmt.Sprintf("ip route replace 10.%d.0.0/16 via 192.168.10.3 protocol 98", changed)}
	s.lines = append(s.lines, "ip link add br-lan up type bridge")
	for i := 1; i <= 5; i++ {
		s.setup += fmt.Sprintf("link add p%d type veth peer name q%d\nlink set q%d up\n", i, i, i)
	}
	for i := 1; i <= 4; i++ {
		s.lines = append(s.lines, fmt.Sprintf("ip link set p%d master br-lan up", i))
	}
	s.lines = append(s.lines, "ip link set p5 up", "ip address add 192.168.10.1/24 dev br-lan", "ip address add fd00:10::1/64 dev br-lan",
		"ip address add 203.0.113.2/30 dev p5", "ip route add default via 203.0.113.1 protocol 98")
	for i := 1; i <= n; i++ {
		s.lines = append(s.lines, fmt.Sprintf("ip route add 10.%d.0.0/16 via 192.168.10.2 protocol 98", i))
	}
	s.lines = append(s.lines, "ip rule add from 192.168.20.0/24 table 100 priority 1000 protocol 98",
		"ip rule add from 192.168.21.0/24 table 100 priority 1001 protocol 98", "tc qdisc add dev p5 root handle 7: pfifo limit 77")
	s.toml = map[string]string{apply: routerTOML(n, 0), change: routerTOML(n, changed)}
	s.stanzas = map[string]string{apply: routerStanzas(n, 0), change: routerStanzas(n, changed)}
	s.networkd = routerNetworkd(n)
	return s
}

// gateway of the i-th route.
func gateway(i, changed int) string {
	if i == changed {
		return "192.168.10.3"
	}
	return "192.168.10.2"
}

func routerTOML(n, changed int) string {
	text := "version = 1\n[link.br-lan]\nkind = \"bridge\"\naddresses = [\"192.168.10.1/24\", \"fd00:10::1/64\"]\n" +
		"[link.p5]\naddresses = [\"203.0.113.2/30\"]\nqdisc = { kind = \"pfifo\", handle = \"7:\", limit = 77 }\n"
	for i := 1; i <= 4; i++ {
		text += fmt.Sprintf("[link.p%d]\nmaster = \"br-lan\"\n", i)
	}
	text += "[[route]]\nto = \"default\"\nvia = \"203.0.113.1\"\n"
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf("[[route]]\nto = \"10.%d.0.0/16\"\nvia = %q\n", i, gateway(i, changed))
	}
	for i := range 2 {
		text += fmt.Sprintf("[[rule]]\nfrom = \"192.168.%d.0/24\"\ntable = 100\npriority = %d\n", 20+i, 1000+i)
	}
	return text
}

func routerStanzas(n, changed int) string {
	text := ""
	for i := 1; i <= 4; i++ {
		text += fmt.Sprintf("auto p%d\niface p%d\n", i, i)
	}
	text += "auto br-lan\niface br-lan\n\tbridge-ports p1 p2 p3 p4\n\taddress 192.168.10.1/24\n\taddress fd00:10::1/64\n"
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf("\tup ip route add 10.%d.0.0/16 via %s proto 98\n", i, gateway(i, changed))
	}
	text += "auto p5\niface p5\n\taddress 203.0.113.2/30\n\tgateway 203.0.113.1\n\tup tc qdisc add dev p5 root handle 7: pfifo limit 77\n"
	for i := range 2 {
		text += fmt.Sprintf("\tup ip rule add from 192.168.%d.0/24 table 100 priority %d protocol 98\n", 20+i, 1000+i)
	}
	return text
}

func routerNetworkd(n int) map[string]string {
	files := map[string]string{"br-lan.netdev": "[NetDev]\nName=br-lan\nKind=bridge\n", "br-lan.network": routerLAN(n)}
	for i := 1; i <= 4; i++ {
		files[fmt.Sprintf("p%d.network", i)] = fmt.Sprintf("[Match]\nName=p%d\n[Network]\nBridge=br-lan\nLinkLocalAddressing=no\n", i)
	}
	text := "[Match]\nName=p5\n[Network]\nAddress=203.0.113.2/30\nLinkLocalAddressing=no\n[Route]\nGateway=203.0.113.1\n" +
		"[PFIFO]\nParent=root\nHandle=7\nPacketLimit=77\n"
	for i := range 2 {
		text += fmt.Sprintf("[RoutingPolicyRule]\nFrom=192.168.%d.0/24\nTable=100\nPriority=%d\n", 20+i, 1000+i)
	}
	files["p5.network"] = text
	return files
}

func routerLAN(n int) string {
	text := "[Match]\nName=br-lan\n[Network]\nAddress=192.168.10.1/24\nAddress=fd00:10::1/64\nLinkLocalAddressing=no\n"
	for i := 1; i <= n; i++ {
		text += fmt.Sprintf("[Route]\nDestination=10.%d.0.0/16\nGateway=192.168.10.2\n", i)
	}
	return text
}

// boot is such a router as the ARM guest starts it.
func boot(name, size string, n int) *Scenario {
	s := router(n)
	s.name, s.size, s.guest, s.rounds = name, size, true, 3
	return s
}
