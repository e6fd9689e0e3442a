package config

import (
	"fmt"
	"strings"
)

// vlans is a bridge that filters VLANs, with n of them on a port and on itself,
// and a link for each. The change is the MTU of one.
func vlans(n int) *Scenario {
	changed := n/2 + 2
	s := &Scenario{name: "vlans", size: fmt.Sprintf("%d VLANs on a bridge", n), rounds: 3, guest: true, limit: cconfig("vlans", n),
		setup:  "link set lo up\nlink add p1 type veth peer name q1\nlink set q1 up\n",
		counts: counts{links: n + 3, up: n + 3, ports: 1, rules: 5, vlans: 2 * n},
		slow:   map[string]bool{oneByOne: true}}
	s.lines = []string{
		"ip link add br0 up type bridge vlan_filtering 1", "ip link set p1 master br0 up",
		fmt.Sprintf("bridge vlan add dev p1 vid 2-%d", n+1), fmt.Sprintf("bridge vlan add dev br0 self vid 2-%d", n+1),
	}
	var toml [2]strings.Builder
	for k := range toml {
		list := fmt.Sprintf("[{ vid = 1, pvid = true, untagged = true }, { vid = \"2-%d\" }]", n+1)
		fmt.Fprintf(&toml[k], "version = 1\n[link.br0]\nkind = \"bridge\"\nbridge = { vlan_filtering = true, vlans = %s }\n", list)
		fmt.Fprintf(&toml[k], "[link.p1]\nmaster = \"br0\"\nbridge_port = { vlans = %s }\n", list)
	}
	for i := 2; i < n+2; i++ {
		s.lines = append(s.lines, fmt.Sprintf("ip link add v%d link br0 up type vlan id %d", i, i))
		for k := range toml {
			fmt.Fprintf(&toml[k], "[link.v%d]\nkind = \"vlan\"\nvlan = { link = \"br0\", id = %d }\n", i, i)
			if k == 1 && i == changed {
				toml[k].WriteString("mtu = 1400\n")
			}
		}
	}
	s.toml = map[string]string{apply: toml[0].String(), change: toml[1].String()}
	s.changes = []string{fmt.Sprintf("ip link set v%d mtu 1400", changed)}
	s.proof = proof{fmt.Sprintf("ip link show v%d", changed), "mtu 1400"}
	return s
}
