package routefile

import (
	"net/netip"
	"testing"

	"bootlink/nlcore/ip"
)

// prefixes are texts of addresses and prefixes, good and bad.
var prefixes = []string{
	"0.0.0.0/0", "10.0.0.0/8", "192.0.2.255", "255.255.255.255/32", "1.2.3.4/0", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/08", "192.0.2.0/+8",
	"192.0.2.0/1000000000000", "01.2.3.4", "1.2.3", "1.2.3.4.5", "1..2.3", "1.2.3.", ".1.2.3", "256.1.1.1", "1.2.3.a", "", "/", "/8", "8", "1.2.3.4/8/8",
	"::", "::/0", "::1", "1::", "2001:db8::/32", "2001:DB8:0:0:0:0:0:1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::",
	"1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", ":::", ":", "1:", ":1", "12345::", "g::", "1:::2", "::ffff:192.0.2.1", "::192.0.2.1/128", "1:2:3:4:5:6:192.0.2.1",
	"1:2:3:4:5:6:7:192.0.2.1", "1:2:3:4:5:192.0.2.1", "::192.0.2", "fe80::1%eth0", "::/129", "::1/128", "2001:db8::1/64", "::00001", "1::192.0.2.1:2",
}

// Everything that netip reads is read, and with the same result; nothing else
// is.
func TestPrefixes(t *testing.T) {
	good := 0
	for _, text := range prefixes {
		if checkPrefix(t, text) {
			good++
		}
	}
	if good < 15 || good > len(prefixes)-15 {
		t.Errorf("%d of %d are good: too few of a kind", good, len(prefixes))
	}
}

func FuzzPrefix(f *testing.F) {
	for _, text := range prefixes {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkPrefix(t, text) })
}

func checkPrefix(t *testing.T, text string) bool {
	t.Helper()
	want, err := netip.ParsePrefix(text)
	if a, e := netip.ParseAddr(text); e == nil && a.Zone() == "" {
		want, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	a, bits, ok := parsePrefix([]byte(text))
	if ok != (err == nil) {
		t.Errorf("%q is read: %v; netip says %v", text, ok, err)
	}
	if !ok {
		return false
	}
	if got := standard(a.prefix(bits)); got != want {
		t.Errorf("%q is %v; want %v", text, got, want)
	}
	m := address{a.masked(bits), a.six}
	if got := standard(m.prefix(bits)); got != want.Masked() {
		t.Errorf("%q masked is %v; want %v", text, got, want.Masked())
	}
	return ok
}

// standard gives a prefix as the standard library has it.
func standard(p ip.Prefix) netip.Prefix {
	a, _ := netip.AddrFromSlice(p.Addr().Bytes())
	return netip.PrefixFrom(a, p.Bits())
}

// Reading an address makes no garbage.
func TestAddressAllocations(t *testing.T) {
	texts := [][]byte{[]byte("192.0.2.0/24"), []byte("2001:db8:1:2::/64"), []byte("nonsense")}
	if n := testing.AllocsPerRun(10, func() {
		for _, b := range texts {
			parsePrefix(b)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
