package object

import (
	"net/netip"
	"testing"
)

// endpoints are texts of addresses with a port, good and bad.
var endpoints = []string{
	"192.0.2.1:51820", "[2001:db8::1]:51820", "[fe80::1%lan1]:1", "[fe80::1%lan1%x]:1", "[fe80::1%]]:1", "[::ffff:192.0.2.1]:80", "[::ffff:192.0.2.1%lan1]:80", "192.0.2.1:00080", "192.0.2.1:0", "192.0.2.1:65535", "[fe80::1%a:b]:1",
	"192.0.2.1:65536", "192.0.2.1:+1", "192.0.2.1:", "192.0.2.1", ":80", "", ":", "[]:80", "[:80", "]:80", "[192.0.2.1]:80", "2001:db8::1:80", "2001:db8::1]:80", "[2001:db8::1:80", "[[::1]]:80", "[fe80::1%]:80",
	"192.0.2.1%lan1:80", "[192.0.2.1%lan1]:80", "[%lan1]:80", "fe80::1%lan1:80", "host:80", "[::1]80", "[::1] :80", "192.0.2.1:8 0", "192.0.2.1:0x50", "192.0.2.1:1_0", "[fe80::1]%lan1:80",
}

// Endpoints are read and written as package netip does.
func TestEndpoints(t *testing.T) {
	good := 0
	for _, text := range endpoints {
		good += checkEndpoint(t, text)
	}
	if good < 8 || good > len(endpoints)-8 {
		t.Errorf("%d of %d are good: too few of a kind", good, len(endpoints))
	}
}

func FuzzEndpoint(f *testing.F) {
	for _, text := range endpoints {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkEndpoint(t, text) })
}

func checkEndpoint(t *testing.T, text string) (good int) {
	t.Helper()
	want, err := netip.ParseAddrPort(text)
	p, ok := readPeer(text)
	if ok != (err == nil) {
		t.Errorf("%q is read: %v; netip says %v", text, ok, err)
	}
	if !ok {
		return 0
	}
	if got := p.String(); got != want.String() {
		t.Errorf("%q is %s; netip says %s", text, got, want)
	}
	p.addr = p.addr.Unmap()
	want = netip.AddrPortFrom(want.Addr().Unmap(), want.Port())
	if got := p.String(); got != want.String() {
		t.Errorf("%q in its shortest form is %s; netip says %s", text, got, want)
	}
	return 1
}
