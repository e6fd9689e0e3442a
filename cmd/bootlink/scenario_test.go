package main

import (
	"os/exec"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

// Two ports that are up get each other's name, and get their own back.
func TestSwap(t *testing.T) {
	r := newRouter(t, `
		link add lan1 address 02:00:00:00:00:01 type veth peer name cable1
		link add lan2 address 02:00:00:00:00:02 type veth peer name cable2
		link set lan1 up
		link set lan2 up
		address add 10.9.1.1/24 dev lan1
		address add 10.9.2.1/24 dev lan2`, `
version = 1

[link.lan1]
match     = { mac = "02:00:00:00:00:02" }
addresses = ["192.168.1.1/24"]

[link.lan2]
match     = { mac = "02:00:00:00:00:01" }
addresses = ["192.168.2.1/24"]

[[route]]
to  = "10.0.0.0/8"
via = "192.168.1.9"
`)
	same := r.unchanged()
	r.settled()
	for name, mac := range map[string]string{"lan1": "02:00:00:00:00:02", "lan2": "02:00:00:00:00:01"} {
		if link := r.Link(name); link["address"] != mac {
			t.Errorf("%s is the device %v; want %s", name, link["address"], mac)
		}
	}
	for link, addresses := range map[string]string{"lan1": "10.9.2.1/24 192.168.1.1/24", "lan2": "10.9.1.1/24 192.168.2.1/24"} {
		if out := r.IP("-br", "-4", "address", "show", "dev", link); !strings.Contains(out, addresses) {
			t.Errorf("%s has %q; want %s", link, out, addresses)
		}
	}
	r.write(empty)
	r.settled()
	same()
}

// The other end of a veth may live in a container: that is no reason to make the
// pair anew.
func TestPeerInAnotherNamespace(t *testing.T) {
	r := newRouter(t, "", `
version = 1

[link.guest0]
kind      = "veth"
veth      = { peer = "guest1" }
addresses = ["192.168.20.1/24"]

[link.guest1]
mtu = 1400
`)
	r.settled()
	container := lab.New(t)
	r.IP("link", "set", "guest1", "netns", container.Name)
	if again := r.apply(); again.Writes != 0 || len(again.Awaited) != 1 || !strings.Contains(again.Awaited[0], "link guest1 waits for the other end of guest0 to come back") {
		t.Errorf("apply, with the peer gone: %+v", again)
	}
	r.write(empty)
	r.settled()
	if out := r.IP("-br", "link"); strings.Contains(out, "guest") {
		t.Errorf("guest0 is still there: %s", out)
	}
}

// What is remembered of a namespace says nothing of another that gets its name.
func TestNamespaceOfTheSameName(t *testing.T) {
	r := newRouter(t, "", "version = 1\n[link.br0]\nkind = \"bridge\"\naddresses = [\"10.0.0.1/24\"]\n")
	r.settled()
	for _, words := range []string{"del", "add"} {
		if out, err := exec.Command("ip", "netns", words, r.Name).CombinedOutput(); err != nil {
			t.Fatalf("ip netns %s: %v: %s", words, err, out)
		}
	}
	r.Lines("link add br0 type bridge\naddress add 10.0.0.1/24 dev br0")
	same := r.unchanged()
	r.write(empty)
	r.settled()
	same()
}

// A gateway's subnet that moves to another link takes its routes along.
func TestSubnetMoves(t *testing.T) {
	const config = `
version = 1

[link.lan1]
match     = { mac = "02:00:00:00:00:01" }
addresses = ["192.168.10.1/24", "10.7.0.1/24"]

[link.br-lan]
kind = "bridge"

[[route]]
to  = "10.0.0.0/8"
via = "192.168.10.2"
`
	r := newRouter(t, devices, config)
	r.settled()
	moved := strings.Replace(config, `"192.168.10.1/24", `, "", 1)
	r.write(strings.Replace(moved, `kind = "bridge"`, "kind = \"bridge\"\naddresses = [\"192.168.10.1/24\"]", 1))
	r.settled()
	if out := r.IP("route", "show", "10.0.0.0/8"); !strings.Contains(out, "via 192.168.10.2 dev br-lan") {
		t.Errorf("the route is %q; want it to leave by br-lan", out)
	}
}
