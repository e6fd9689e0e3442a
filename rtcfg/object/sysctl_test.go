package object

import (
	"testing"

	"bootlink/rtcfg/conf"
)

func TestSameSysctl(t *testing.T) {
	for _, c := range []struct {
		want, have string
		same       bool
	}{
		{"1", "1", true}, {"1", "0", false}, {"1", "1\n", true},
		{"4096 131072 6291456", "4096\t131072\t6291456\n", true},
		{"4096 131072", "4096\t131072\t6291456\n", false},
		{"", "0", false},
		{"2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", true}, {"2001:db8::1", "2001:db8::2", false},
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

// Keys are read as sysctl(8) reads them, numbers as TOML writes them.
func TestReadSysctl(t *testing.T) {
	for line, want := range map[string][2]string{
		`"net.ipv4.ip_forward" = true`:                     {"net/ipv4/ip_forward", "1"},
		`"net/ipv4/conf/wan.7/rp_filter" = 2`:              {"net/ipv4/conf/wan.7/rp_filter", "2"},
		`"net.ipv4.conf.wan/7.rp_filter" = 0x10`:           {"net/ipv4/conf/wan.7/rp_filter", "16"},
		`net.core.somaxconn = 1_000`:                       {"net/core/somaxconn", "1000"},
		`net.ipv4.tcp_limit_output_bytes = -1`:             {"net/ipv4/tcp_limit_output_bytes", "-1"},
		`"net.ipv4.tcp_rmem" = "4096 131072 6291456"`:      {"net/ipv4/tcp_rmem", "4096 131072 6291456"},
		`"net.ipv4.ip_local_reserved_ports" = ""`:          {"net/ipv4/ip_local_reserved_ports", ""},
		`"net.ipv4.conf.eth0.rp_filter" = "1" # a comment`: {"net/ipv4/conf/eth0/rp_filter", "1"},
	} {
		root, _ := conf.Parse("f", []byte("version = 1\n[sysctl]\n"+line+"\n"))
		d, faults := Read("f", root)
		if len(faults) > 0 || len(d.Of(Sysctl)) != 1 || d.Of(Sysctl)[0].Name != want[0] || d.Of(Sysctl)[0].Values.Get("value") != want[1] {
			t.Errorf("%s: got %+v, %v; want %q", line, d, faults, want)
		}
	}
}
