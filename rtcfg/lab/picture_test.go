package lab

import (
	"strings"
	"testing"
)

// A picture shows each kind of change, and the way back gives the same picture.
func TestPicture(t *testing.T) {
	ns := New(t)
	ns.Lines(`
		link add br0 type bridge
		link add v0 type veth peer name v1
		link set v0 up`)
	before := ns.Picture()
	for _, c := range []struct{ do, undo, shows string }{
		{"link set v0 mtu 1400", "link set v0 mtu 1500", "+ link v0 mtu 1400"},
		{"link set v0 down", "link set v0 up", "+ link v0 flags [BROADCAST MULTICAST]"},
		{"link set v0 master br0", "link set v0 nomaster", "+ link v0 master br0"},
		{"link set br0 type bridge stp_state 1", "link set br0 type bridge stp_state 0", "+ link br0 linkinfo.info_data.stp_state 1"},
		{"address add 10.0.0.1/24 dev v0", "address del 10.0.0.1/24 dev v0", "addr v0 "},
		{"address add fd00::1/64 dev v0", "address del fd00::1/64 dev v0", `"local":"fd00::1"`},
		{"route add blackhole 10.0.0.0/8", "route del blackhole 10.0.0.0/8", `"type":"blackhole"`},
		{"route add fd00::/8 dev v0 metric 7", "route del fd00::/8 dev v0 metric 7", `"metric":7`},
		{"link set v0 address " + Pinned + "00:00:01", "link set v0 address 06:00:00:00:00:01", "+ link v0 address " + Pinned},
	} {
		ns.Lines(c.do)
		if diff := Diff(before, ns.Picture()); !strings.Contains(diff, c.shows) {
			t.Errorf("ip %s: the picture changes by %q; want %s", c.do, diff, c.shows)
		}
		ns.Lines(c.undo)
		if diff := Diff(before, ns.Picture()); diff != "" {
			t.Errorf("ip %s: the picture differs from the first:\n%s", c.undo, diff)
		}
	}
}

func TestSysctls(t *testing.T) {
	ns := New(t)
	before := ns.Sysctls()
	ns.SetSysctl("net/ipv4/conf/lo/rp_filter", "2")
	if diff := Diff(before, ns.Sysctls()); !strings.Contains(diff, "+ net/ipv4/conf/lo/rp_filter = 2") {
		t.Errorf("a changed setting shows as %q", diff)
	}
}
