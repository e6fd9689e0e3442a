package ip

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
)

// texts of addresses and prefixes, good and bad.
var texts = []string{
	"0.0.0.0", "0.0.0.0/0", "10.0.0.0/8", "10.1.2.3/8", "192.0.2.255", "255.255.255.255/32", "1.2.3.4/0", "127.0.0.1", "127.255.0.1/8", "224.0.0.1", "239.1.1.1/4", "240.0.0.0/4",
	"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/08", "192.0.2.0/00", "192.0.2.0/+8", "192.0.2.0/-1", "192.0.2.0/1000000000000", "192.0.2.0/ 8", "192.0.2.0/0x8", "192.0.2.0/1_0",
	"01.2.3.4", "1.2.3", "1.2.3.4.5", "1..2.3", "1.2.3.", ".1.2.3", "256.1.1.1", "1.2.3.a", "1.2.3.4 ", " 1.2.3.4", "1.2.3.0004", "00.0.0.0", "1.2.3.4:80", "1.2.3.4%eth0",
	"", "/", "/8", "8", "1.2.3.4/8/8", "::/8/8", "default", "%", "%eth0",
	"::", "::/0", "::1", "::2", "1::", "2001:db8::/32", "2001:DB8:0:0:0:0:0:1", "2001:db8:0:0:1:0:0:1", "2001:0:0:1:0:0:0:1", "1:0:0:2:3:0:0:4", "0:0:1:0:0:1:0:0", "1:0:2:3:4:5:6:7", "0:1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:0:0",
	"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", ":::", ":", "1:", ":1", "12345::", "g::", "1:::2", "1: :2", "0000:0000:0000:0000:0000:0000:0000:00001",
	"::ffff:192.0.2.1", "::ffff:c000:201", "::ffff:0.0.0.0", "::ffff:127.0.0.1", "::ffff:224.0.0.1", "::ffff:192.0.2.1/120", "::ffff:192.0.2.1/24", "::FFFF:1.2.3.4/96", "::fffe:1.2.3.4", "::192.0.2.1/128", "1:2:3:4:5:6:192.0.2.1", "::1.2.3.4:5", "::.1.2.3", "::01.2.3.4", "::1.2.3", "::1.2.3.4.5",
	"1:2:3:4:5:6:7:192.0.2.1", "1:2:3:4:5:192.0.2.1", "1:2:3:4:5::192.0.2.1", "1:2:3:4:5:6::192.0.2.1", "::192.0.2", "fe80::1%eth0", "fe80::1%", "fe80::1%eth0/64", "fe80::1/64", "ff02::1", "::/129", "::1/128", "2001:db8::1/64", "2001:db8::ffff:ffff/99", "::00001", "1::192.0.2.1:2", "[::1]",
}

// standard gives an address as the standard library has it.
func standard(a Addr) netip.Addr {
	b, _ := netip.AddrFromSlice(a.Bytes())
	return b
}

// check holds a text, and what is read of it, against package netip.
func check(t *testing.T, text string) (good bool) {
	t.Helper()
	want, wantErr := netip.ParseAddr(text)
	if want.Zone() != "" {
		want, wantErr = netip.Addr{}, strconv.ErrSyntax
	}
	a, err := ParseAddr(text)
	if (err == nil) != (wantErr == nil) || standard(a) != want {
		t.Errorf("address %q is %v, %v; netip says %v, %v", text, a, err, want, wantErr)
	}
	checkAddr(t, a, want)
	p, err := ParsePrefix(text)
	wantPrefix, wantErr := netip.ParsePrefix(text)
	if (err == nil) != (wantErr == nil) || p.Bits() != wantPrefix.Bits() || standard(p.Addr()) != wantPrefix.Addr() {
		t.Errorf("prefix %q is %v, %v; netip says %v, %v", text, p, err, wantPrefix, wantErr)
	}
	checkAddr(t, p.Addr(), wantPrefix.Addr())
	checkPrefix(t, p, wantPrefix)
	return a != "" || p != ""
}

func checkAddr(t *testing.T, a Addr, want netip.Addr) {
	t.Helper()
	same(t, want, "String", a.String(), want.String())
	same(t, want, "Bits", a.Bits(), want.BitLen())
	same(t, want, "Bytes", string(a.Bytes()), string(want.AsSlice()))
	same(t, want, "Is4", a.Is4(), want.Is4())
	same(t, want, "Is6", a.Is6(), want.Is6())
	same(t, want, "Unmap", standard(a.Unmap()), want.Unmap())
	same(t, want, "IsUnspecified", a.IsUnspecified(), want.IsUnspecified())
	same(t, want, "IsLoopback", a.IsLoopback(), want.IsLoopback())
	same(t, want, "IsMulticast", a.IsMulticast(), want.IsMulticast())
	back, ok := FromBytes(want.AsSlice())
	same(t, want, "FromBytes", back, a)
	same(t, want, "FromBytes, ok,", ok, want.IsValid())
	for _, bits := range []int{-1, 0, 1, 7, 8, 23, 31, 32, 33, 64, 95, 96, 127, 128, 129, 256} {
		checkPrefix(t, PrefixFrom(a, bits), netip.PrefixFrom(want, bits))
	}
}

func checkPrefix(t *testing.T, p Prefix, want netip.Prefix) {
	t.Helper()
	same(t, want, "IsValid", p != "", want.IsValid())
	same(t, want, "String", p.String(), want.String())
	same(t, want, "Bits", p.Bits(), want.Bits())
	same(t, want, "Masked", p.Masked().String(), want.Masked().String())
	same(t, want, "Masked, address of,", standard(p.Masked().Addr()), want.Masked().Addr())
	same(t, want, "== Masked", p == p.Masked(), !want.IsValid() || want == want.Masked())
	a := want.Addr()
	for _, other := range []netip.Addr{{}, a, a.Next(), a.Prev(), want.Masked().Addr().Prev(), a.Unmap(), netip.IPv4Unspecified(), netip.IPv6Unspecified(), netip.MustParseAddr("::ffff:0.0.0.0")} {
		b, _ := FromBytes(other.AsSlice())
		same(t, want, "Contains "+other.String(), p.Contains(b), want.Contains(other))
	}
}

func same[T comparable](t *testing.T, of any, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s of %v is %v; netip says %v", what, of, got, want)
	}
}

// What netip reads is read, zones aside, and nothing else; and it is the same.
func TestParse(t *testing.T) {
	good := 0
	for _, text := range texts {
		if check(t, text) {
			good++
		}
	}
	if good < 40 || good > len(texts)-40 {
		t.Errorf("%d of %d are good: too few of a kind", good, len(texts))
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

// All places of zeros in an IPv6 address are written as netip writes them, and
// read back.
func TestZeros(t *testing.T) {
	for zeros := range 1 << 8 {
		groups := make([]string, 8)
		for i := range groups {
			groups[i] = strconv.Itoa(1000 * (zeros >> i & 1))
		}
		check(t, strings.Join(groups, ":"))
		a, _ := ParseAddr(strings.Join(groups, ":"))
		if back, err := ParseAddr(a.String()); err != nil || back != a {
			t.Errorf("%v read is %v, %v", a, back, err)
		}
	}
}

// Bytes of other lengths are no addresses, and a refusal says what was read.
func TestRefusals(t *testing.T) {
	for n := range 40 {
		if _, ok := FromBytes(make([]byte, n)); ok != (n == 4 || n == 16) {
			t.Errorf("%d bytes: %v", n, ok)
		}
	}
	if _, err := ParseAddr("a.b"); err == nil || err.Error() != `"a.b" is no IP address` {
		t.Errorf("got %v", err)
	}
	if _, err := ParsePrefix("1.2.3.4"); err == nil || err.Error() != `"1.2.3.4" is no IP prefix` {
		t.Errorf("got %v", err)
	}
}

// A copy of an address's bytes is the caller's own.
func TestBytes(t *testing.T) {
	a, _ := ParseAddr("192.0.2.1")
	a.Bytes()[0] = 1
	if a.String() != "192.0.2.1" {
		t.Errorf("the address became %v", a)
	}
}
