package object

import "testing"

func TestSameSysctl(t *testing.T) {
	for _, c := range []struct {
		want, have string
		same       bool
	}{
		{"1", "1", true}, {"1", "0", false}, {"1", "1\n", true},
		{"4096 131072 6291456", "4096\t131072\t6291456\n", true},
		{"4096 131072", "4096\t131072\t6291456\n", false},
		{"", "0", false},
	} {
		if SameSysctl(c.want, c.have) != c.same {
			t.Errorf("SameSysctl(%q, %q) is not %v", c.want, c.have, c.same)
		}
	}
}

func TestSysctlLink(t *testing.T) {
	for path, want := range map[string]string{
		"net/ipv4/conf/wan.7/rp_filter": "wan.7", "net/ipv4/conf/all/rp_filter": "", "net/ipv6/conf/default/accept_ra": "",
		"net/ipv4/neigh/lan1/gc_stale_time": "lan1", "net/ipv4/ip_forward": "", "net/core/somaxconn": "",
	} {
		if got := SysctlID(path).SysctlLink(); got != want {
			t.Errorf("%s belongs to %q; want %q", path, got, want)
		}
	}
}
