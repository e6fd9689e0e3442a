package qemu

import (
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/qemu/vm"
)

// muchAsked is a configuration of which a small kernel can have only the devices,
// their IPv4 addresses and the default route.
const muchAsked = `version = 1
[probe]
require = ["route"]
want    = ["connector"]
[sysctl]
"net.ipv6.conf.all.forwarding" = 1
[link.wan]
match     = { mac = "52:54:00:12:34:02" }
addresses = ["203.0.113.2/30", "2001:db8:1::2/64"]
qdisc     = { kind = "fq_codel" }
[link.lan1]
match       = { mac = "52:54:00:12:34:01" }
master      = "br-lan"
bridge_port = { vlans = [10] }
addresses   = ["192.168.10.1/24"]
[link.br-lan]
kind      = "bridge"
addresses = ["192.168.11.1/24"]
[link."wan.7"]
kind      = "vlan"
vlan      = { link = "wan", id = 7 }
[link."wan.8"]
kind      = "vlan"
vlan      = { link = "wan", id = 8 }
addresses = ["198.51.100.2/31"]
[[route]]
to  = "default"
via = "203.0.113.1"
[[route]]
to  = "default"
via = "2001:db8:1::1"
[[route]]
to    = "10.7.0.0/16"
via   = "203.0.113.1"
table = 100
[[rule]]
priority = 1000
from     = "192.168.20.0/24"
table    = 100
[[route_file]]
path  = "other.routes"
table = 200
`

// What of muchAsked needs another kernel, with its line and what mends it, and what
// waits for that.
var (
	lacking = [][]string{
		{":6:1", "sysctl net/ipv6/conf/all/forwarding", "CONFIG_"},
		{":9:32", "address 2001:db8:1::2/64 dev wan", "CONFIG_IPV6"},
		{":10:13", "qdisc root dev wan", "CONFIG_NET_SCH_FQ_CODEL"},
		{":16:7", "br-lan", "CONFIG_BRIDGE", "module bridge"},
		{":19:7", "wan.7", "CONFIG_VLAN_8021Q", "module 8021q"},
		{":29:3", "route", "CONFIG_IPV6"},
		{":32:3", "route 10.7.0.0/16", "CONFIG_IP_MULTIPLE_TABLES"},
		{":36:3", "rule 1000 from 192.168.20.0/24 table 100", "CONFIG_IP_MULTIPLE_TABLES"},
		{":40:3", "other.routes", "CONFIG_IP_MULTIPLE_TABLES"},
	}
	withThem = []string{"address 198.51.100.2/31 dev wan.8 waits for link wan.8", "address 192.168.11.1/24 dev br-lan waits for link br-lan",
		"link lan1 waits for its master br-lan", "vlan 10 dev lan1 waits for link br-lan", "link wan.8 waits for another kernel"}
)

// TestKernelThatLacks boots kernels that were built without most things, and asks for
// all of them.
func TestKernelThatLacks(t *testing.T) {
	for _, name := range []string{"lacking", "bare"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, err := exec.Command("./small-kernel", name).Output()
			if err != nil {
				t.Fatalf("%v: run `make small-kernels`", err)
			}
			r := boot(t, vm.Config{Kernel: filepath.Join(strings.TrimSpace(string(folder)), "Image"), Drop: []string{"sysctl."}, Files: map[string]vm.File{
				"etc/bootlink/router.toml":  {Content: muchAsked},
				"etc/bootlink/other.routes": {Content: "192.0.2.0/24 via 203.0.113.1\n"}}})
			until(t, "init's bootlink to go on without what the kernel lacks", func() bool {
				return strings.Contains(r.try(t, bootlink, "status").Out, "router.toml: in force but incomplete")
			})
			for _, c := range []struct {
				name  string
				check func(*testing.T, *router)
			}{
				{"what can be", whatCanBe}, {"kernel", trulyLacks}, {"status", statusLacking}, {"check, plan and apply", refusals},
				{"run", runLacking}, {"connector", connectorAbsent}, {"heal", healLacking}, {"rollback", rollbackLacking},
			} {
				t.Run(c.name, func(t *testing.T) { c.check(t, r) })
			}
		})
	}
}

// whatCanBe: the devices have their names and IPv4 addresses, and packets come through.
func whatCanBe(t *testing.T, r *router) {
	want(t, "the addresses", r.run(t, iproute2, "-o", "address"), "wan    inet 203.0.113.2/30", "lan1    inet 192.168.10.1/24")
	if routes := r.run(t, iproute2, "route", "show", "table", "all"); strings.Contains(routes, "10.7.0.0") || strings.Contains(routes, "192.0.2.0") {
		t.Errorf("routes of another table are in the main one:\n%s", routes)
	}
	want(t, "the routes", r.run(t, iproute2, "route"), "default via 203.0.113.1 dev wan proto 98")
	ping(t, r.wan, netip.MustParseAddr("203.0.113.2"), 1)
	ping(t, r.lan, lanRouter, 2)
}

// trulyLacks: the kernel is as the other tests take it to be; what it says of what it
// has not is iproute2's to tell.
func trulyLacks(t *testing.T, r *router) {
	for _, c := range [][2]string{
		{"link add x0 type bridge", "Unknown device type"},
		{"link add link wan name x0 type vlan id 7", "Unknown device type"},
		{"address add fd00::1/64 dev wan", "Operation not supported"},
		{"-6 route add fd00:1::/64 dev wan", "Operation not supported"},
		{"rule add priority 1000 table 100", "Operation not supported"},
		{"route add 10.9.0.0/16 nexthop via 203.0.113.1 nexthop via 203.0.113.1", "Multipath support not enabled in kernel"},
	} {
		if result := r.try(t, append([]string{iproute2}, strings.Fields(c[0])...)...); result.Code == 0 || !strings.Contains(result.Err, c[1]) {
			t.Errorf("ip %s ends with %d: %s; want %q", c[0], result.Code, result.Err, c[1])
		}
	}
	r.run(t, iproute2, "route", "add", "10.9.0.0/16", "dev", "wan", "table", "100")
	want(t, "the main table, which the kernel takes for table 100,", r.run(t, iproute2, "route"), "10.9.0.0/16 dev wan")
	r.run(t, iproute2, "route", "del", "10.9.0.0/16", "dev", "wan")
}

func connectorAbsent(t *testing.T, r *router) {
	want(t, "probe", r.run(t, bootlink, "probe"), " 11  connector      missing  wanted    this kernel has no CONFIG_CONNECTOR (module cn)")
	r.unchanged(t, func() {
		result := r.with(t, "version = 1\n[probe]\nrequire = [\"connector\"]\n[link.wan]\nmtu = 1400\n", "run")
		if result.Code != 3 {
			t.Errorf("run ends with %d; want 3", result.Code)
		}
		want(t, "run", result.Err, "/tmp/other.toml:3:", "netlink bus 11 (connector) is required and missing", "CONFIG_CONNECTOR")
	})
}

func statusLacking(t *testing.T, r *router) {
	text := r.run(t, bootlink, "status")
	want(t, "status", text, "14 things wait, 10 for another kernel", "br-lan          waits for another kernel: enable CONFIG_BRIDGE, or install and load module bridge")
	want(t, "status", text, withThem...)
	want(t, "status --json", r.run(t, bootlink, "status", "--json"), `"lacking": 10`, `"differs": []`)
	if r.try(t, bootlink, "status", "--check").Code != 1 {
		t.Error("status --check takes it for complete")
	}
}

// lines fails the test unless each of the lacks has a line of text, and only one.
func lines(t *testing.T, what, text string) {
	t.Helper()
	for _, words := range lacking {
		n := 0
		for line := range strings.Lines(text) {
			has := true
			for i, w := range words {
				if i == 0 {
					w = config + w + ":"
				}
				has = has && strings.Contains(line, w)
			}
			if has {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d lines with %q:\n%s", what, n, words, text)
		}
	}
}

// refusals: what must not be half done is not begun.
func refusals(t *testing.T, r *router) {
	r.unchanged(t, func() {
		want(t, "check", r.run(t, bootlink, "check"), "router.toml: good")
		for _, command := range []string{"plan", "apply"} {
			result := r.try(t, bootlink, command)
			if result.Code != 3 {
				t.Errorf("%s ends with %d; want 3", command, result.Code)
			}
			lines(t, command, result.Err)
		}
	})
}

// runLacking: each lack is told once; the end's status says that not all was in force.
func runLacking(t *testing.T, r *router) {
	r.unchanged(t, func() {
		result := ends(t, r.runs(t), 15)
		if result.Code != 3 {
			t.Errorf("run ends with %d after SIGTERM; want 3", result.Code)
		}
		lines(t, "run", result.Err)
		want(t, "run", result.Err, "netlink bus 11 (connector) is wanted and missing, going on without", "0 steps, 0 writes, 14 awaited",
			"the network stays as it is", "ended; the kernel lacks things that the file asks for")
		want(t, "run", result.Err, withThem...)
	})
}

// healLacking: what is in force is kept so.
func healLacking(t *testing.T, r *router) {
	p := r.runs(t)
	r.run(t, iproute2, "address", "del", "192.168.10.1/24", "dev", "lan1")
	until(t, "an address to be put back", func() bool {
		return strings.Contains(r.run(t, iproute2, "-o", "address", "show", "dev", "lan1"), "192.168.10.1/24")
	})
	want(t, "run", ends(t, p, 15).Err, "put right: create address 192.168.10.1/24 dev lan1")
}

// rollbackLacking: a file that the kernel can have is applied and undone like any other.
func rollbackLacking(t *testing.T, r *router) {
	r.unchanged(t, func() {
		text := "version = 1\n[link.wan]\nmtu = 1400\naddresses = [\"203.0.113.2/30\", \"198.51.100.9/32\"]\n[link.lan1]\naddresses = [\"192.168.10.1/24\"]\n[[route]]\nto = \"default\"\nvia = \"203.0.113.1\"\n"
		if result := r.with(t, text, "apply"); result.Code != 0 {
			t.Fatalf("apply ends with %d: %s", result.Code, result.Err)
		}
		want(t, "the addresses", r.run(t, iproute2, "-o", "address"), "198.51.100.9/32")
		r.run(t, bootlink, "rollback")
	})
}
