package routefile

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// FuzzRead holds the reader against a slow one that is made of the standard
// library: they agree on what is a route, and on what it is.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"10.0.0.0/8 via 192.0.2.1 dev lan1 metric 10", "add blackhole 192.0.2.0/24 # x", "route to default via fe80::1 dev a", "unreachable ::/0 dev lo metric 0",
		"10.0.0.0/8 dev a scope host\r", "throw 1.2.3.4", "default via inet6 2001:db8::1 metric 4294967295", "unicast prohibit 10.0.0.0/8", "10.0.0.0/8 via 0.0.0.0", "\x00",
		"10.0.0.0/8 via", "::ffff:1.2.3.4 dev abcdefghijklmno", "10.1.1.1/8 dev a", "::%0 dev 0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\n") || len(text) >= blockSize {
			return
		}
		table, err := readText(text)
		want, good := slowly(text)
		if good != (err == nil) {
			t.Fatalf("%q: %v; slowly: %v", text, err, good)
		}
		if !good || table.Len() == 0 && want == nil {
			return
		}
		if got := fast(table); got != *want {
			t.Errorf("%q is %+v; slowly %+v", text, got, *want)
		}
	})
}

// slow is a route in the types of the standard library.
type slow struct {
	typ, scope int
	to         netip.Prefix
	via        netip.Addr
	dev        string
	metric     uint64
}

func fast(t *Table) slow {
	name := func(place uint32) string {
		if place == 0 {
			return ""
		}
		return t.Devices()[place-1]
	}
	var r route
	if t.four.n == 1 {
		t.four.get(0, &r)
	} else {
		t.six.get(0, &r)
	}
	s := slow{int(r.typ), int(r.scope), standard(r.id().To), netip.Addr{}, name(r.dev), uint64(r.metric)}
	if !r.direct() {
		s.via, _ = netip.AddrFromSlice(r.via.addr(r.six).Bytes())
	}
	return s
}

// slowly reads one line; nil is one without a route.
func slowly(text string) (*slow, bool) {
	text, _, _ = strings.Cut(text, "#")
	words := strings.FieldsFunc(strings.TrimSuffix(text, "\r"), func(c rune) bool { return c == ' ' || c == '\t' })
	if len(words) == 0 {
		return nil, true
	}
	r := slow{typ: unix.RTN_UNICAST}
	for _, lead := range []string{"route", "add", "to"} {
		if len(words) > 0 && words[0] == lead {
			words = words[1:]
		}
	}
	kinds := map[string]int{"unicast": unix.RTN_UNICAST, "blackhole": unix.RTN_BLACKHOLE, "unreachable": unix.RTN_UNREACHABLE, "prohibit": unix.RTN_PROHIBIT, "throw": unix.RTN_THROW}
	if len(words) > 0 && kinds[words[0]] != 0 {
		r.typ, words = kinds[words[0]], words[1:]
	}
	if len(words) == 0 {
		return nil, false
	}
	to, values, good := words[0], map[string]string{}, true
	same := map[string]string{"oif": "dev", "priority": "metric", "preference": "metric"}
	for words = words[1:]; len(words) >= 2; words = words[2:] {
		key := words[0]
		if same[key] != "" {
			key = same[key]
		}
		if key == "via" && (words[1] == "inet" || words[1] == "inet6") && len(words) > 2 {
			words = words[1:]
		}
		if _, twice := values[key]; twice || !slices.Contains([]string{"via", "dev", "metric", "scope"}, key) {
			return nil, false
		}
		values[key] = words[1]
	}
	return &r, good && len(words) == 0 && r.fill(to, values)
}

// fill reads the values.
func (r *slow) fill(to string, values map[string]string) bool {
	var err error
	via, viaSet := values["via"]
	if viaSet {
		if r.via, err = netip.ParseAddr(via); err != nil || r.via.Zone() != "" || r.via.IsUnspecified() {
			return false
		}
	}
	switch a, e := netip.ParseAddr(to); {
	case to == "default" && r.via.Is6():
		r.to = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	case to == "default":
		r.to = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	case e == nil && a.Zone() == "":
		r.to = netip.PrefixFrom(a, a.BitLen())
	default:
		r.to, err = netip.ParsePrefix(to)
	}
	if err != nil || r.to != r.to.Masked() {
		return false
	}
	dev, devSet := values["dev"]
	r.dev = dev
	if metric, set := values["metric"]; set {
		r.metric, err = strconv.ParseUint(metric, 10, 32)
		if err != nil || metric != strconv.FormatUint(r.metric, 10) {
			return false
		}
	}
	scope, scopeSet := values["scope"]
	scopes := map[string]int{"global": 0, "site": 200, "link": 253, "host": 254}
	if _, known := scopes[scope]; scopeSet && !known {
		return false
	}
	r.scope = scopes[scope]
	if devSet && (len(dev) > 15 || dev == "." || dev == ".." || strings.ContainsAny(dev, "/:\v\f\r") || strings.Contains(dev, "\xa0")) {
		return false
	}
	six := r.to.Addr().Is6()
	if six && r.metric == 0 {
		r.metric = ipv6Metric
	}
	if r.typ != unix.RTN_UNICAST {
		if six && dev == "lo" && !viaSet {
			r.dev, devSet = "", false
		}
		return !viaSet && !devSet && !(six && scopeSet)
	}
	if !scopeSet && !viaSet && !six {
		r.scope = unix.RT_SCOPE_LINK
	}
	return (viaSet || devSet) && !(six && scopeSet) && (!viaSet || r.via.Is6() == six) && (devSet || !r.via.IsLinkLocalUnicast() || r.via.Is4())
}
