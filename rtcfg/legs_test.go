package rtcfg

import (
	"fmt"
	"testing"

	"bootlink/rtcfg/lab"
)

// legs are ways from one configuration to another that once went wrong.
var legs = []leg{
	{"a rule that bars the gateway goes", `
[link.v0]
addresses = ["fd00::1/64"]
[[rule]]
priority = 1000
family   = "inet6"
not      = true
to       = "2001:db8::/32"
type     = "unreachable"`, `
[link.v0]
addresses = ["fd00::1/64"]
[[nexthop]]
id  = 7
via = "fd00::9"
dev = "v0"
[[route]]
to    = "default"
via   = "fd00::8"
table = 100`, false},
	{"the only address of neighbours gets another scope", `
[link.v0]
addresses = ["10.0.0.1/24"]
[[neighbour]]
to     = "10.0.0.9"
dev    = "v0"
lladdr = "02:00:00:00:00:09"
[[neighbour]]
to    = "10.0.0.77"
dev   = "v0"
proxy = true`, `
[link.v0]
addresses = [{ local = "10.0.0.1/24", scope = "link" }]
[[neighbour]]
to     = "10.0.0.9"
dev    = "v0"
lladdr = "02:00:00:00:00:09"`, false},
	{"neighbours of a port move to its bridge", `
[link.v0]
addresses = ["10.0.0.1/24", { local = "fd00::1/64", nodad = true }]
[[neighbour]]
to     = "10.0.0.9"
dev    = "v0"
lladdr = "02:00:00:00:00:09"
[[nexthop]]
id  = 7
via = "fd00::9"
dev = "v0"`, `
[link.br0]
kind      = "bridge"
addresses = ["10.0.0.1/24"]
[link.v0]
master    = "br0"
addresses = ["10.0.1.1/24"]
[[neighbour]]
to     = "10.0.0.9"
dev    = "br0"
lladdr = "02:00:00:00:00:09"`, false},
	{"next hops go with the scope of their address", `
[link.v0]
addresses = [{ local = "10.0.0.1/24", scope = "link" }]
[[nexthop]]
id  = 7
via = "10.0.0.9"
dev = "v0"
[[nexthop]]
id    = 8
group = [7]
[[route]]
to   = "default"
nhid = 8`, `
[link.v0]
addresses = ["10.0.0.1/24"]
[[nexthop]]
id  = 9
via = "10.0.0.8"
dev = "v0"`, false},
	{"next hops go with a link that goes down", `
[link.v0]
addresses = [{ local = "10.0.0.1/24", scope = "link" }]
[[nexthop]]
id  = 7
via = "10.0.0.9"
dev = "v0"
[[nexthop]]
id    = 8
group = [7]
[[route]]
to   = "default"
nhid = 8`, `
[link.v0]
up        = false
addresses = ["10.0.0.1/24"]`, false},
	{"neighbours without an address", `
[link.v0]
[[neighbour]]
to     = "10.0.0.9"
dev    = "v0"
lladdr = "02:00:00:00:00:09"`, `
[link.v0]
addresses = ["10.0.0.1/24"]
[[neighbour]]
to     = "10.0.0.9"
dev    = "v0"
lladdr = "02:00:00:00:00:09"`, false},
	{"a bridge gets another MTU from its ports", `
[link.br0]
kind = "bridge"
[link.v0]
master = "br0"
mtu    = 1400`, `
[link.mac0]
kind    = "macvlan"
macvlan = { link = "br0", mode = "bridge" }
[link.br0]
kind = "bridge"
[link.w0]
master = "br0"
mtu    = 1480
[link.v0]`, false},
	{"a port shrinks what stands on its bridge", `
[link.br0]
kind = "bridge"
[link.mac0]
kind    = "macvlan"
macvlan = { link = "br0", mode = "bridge" }
[link.v0]
master = "br0"`, `
[link.br0]
kind = "bridge"
[link.mac0]
kind    = "macvlan"
macvlan = { link = "br0", mode = "bridge" }
[link.w0]
master = "br0"
mtu    = 1400
[link.x0]
kind   = "veth"
veth   = { peer = "x1" }
master = "br0"
mtu    = 1300`, true},
}

// A leg is oneWay where the kernel changes something that the file leaves alone.
type leg struct {
	name, from, to string
	oneWay         bool
}

// TestLegs goes each way there and back, first with a failure after each number of
// steps; the second time without.
func TestLegs(t *testing.T) {
	for _, l := range legs {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			w := veth(t)
			w.Lines("link set v1 up\nlink add w0 type veth peer name w1\nlink set w1 up")
			ways := []string{l.from, l.to}
			var pictures [4]string
			for i := range pictures {
				if i == 1 || i == 2 {
					w.failEach(ways[i%2])
				}
				w.apply(desired(t, ways[i%2]))
				pictures[i] = w.look()
			}
			if diff := lab.Diff(pictures[0], pictures[2]) + lab.Diff(pictures[1], pictures[3]); diff != "" && !l.oneWay {
				t.Errorf("the second time the states are others than at first:\n%s", diff)
			}
		})
	}
}

// failEach fails after each number of steps.
func (w *world) failEach(config string) {
	w.t.Helper()
	for n, more := 0, true; more; n++ {
		w.fail(desired(w.t, config), func(steps int) int {
			more = n < steps
			return min(n, steps)
		})
		if w.t.Failed() {
			w.t.Fatal(fmt.Sprint("after ", n, " steps"))
		}
	}
}
