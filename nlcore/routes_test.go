package nlcore

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// wished gives n routes as a list and as a function that hands them out.
func wished(n int, dev uint32) ([]Route4, func() func() (Route4, bool)) {
	list := make([]Route4, n)
	for i := range list {
		list[i] = Route4{Dst: 16<<24 + uint32(i)<<8, Bits: 24, Via: 192<<24 | 2<<8 | 2, Dev: dev, Metric: 100, Type: unix.RTN_UNICAST}
	}
	return list, func() func() (Route4, bool) { return handOut(list) }
}

func handOut[R RouteRecord](list []R) func() (R, bool) {
	i := 0
	return func() (r R, more bool) {
		if i == len(list) {
			return r, false
		}
		i++
		return list[i-1], true
	}
}

var static = RouteSet{Protocol: unix.RTPROT_STATIC}

// routeNamespace has a link v0 with 192.0.2.1/24 and 2001:db8::1/64 that is up.
func routeNamespace(t *testing.T) (ns string, c *Conn, dev uint32) {
	t.Helper()
	ns = newNamespace(t)
	for _, line := range []string{"link add v0 type veth peer name v1", "link set v1 up", "link set v0 up",
		"address add 192.0.2.1/24 dev v0", "address add 2001:db8::1/64 dev v0 nodad"} {
		iproute(t, ns, strings.Fields(line)...)
	}
	var links []struct{ Ifindex uint32 }
	ipJSON(t, &links, ns, "link", "show", "v0")
	return ns, dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}), links[0].Ifindex
}

func ipText(t *testing.T, ns string, args ...string) string { return string(iproute(t, ns, args...)) }

// Routes are written by us and listed by iproute2, and the other way round.
func TestRoutesAgainstIproute2(t *testing.T) {
	ns, c, dev := routeNamespace(t)
	list, next := wished(2500, dev)
	if err := AddRoutes(t.Context(), c, static, false, next()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(ipText(t, ns, "route", "show", "proto", "static")), "\n")
	if len(lines) != len(list) || strings.TrimSpace(lines[1]) != "16.0.1.0/24 via 192.0.2.2 dev v0 metric 100" {
		t.Fatalf("ip lists %d routes, the second is %q; want %d", len(lines), lines[1], len(list))
	}
	if got := listed[Route4](t, c, static); !slices.Equal(got, list) {
		t.Errorf("%d routes come back; want the %d that went in", len(got), len(list))
	}
	if err := DelRoutes(t.Context(), c, static, len(list), func(i int) Route4 { return list[i] }); err != nil {
		t.Fatal(err)
	}
	if left := ipText(t, ns, "route", "show", "proto", "static"); left != "" {
		t.Errorf("ip still lists\n%s", left)
	}
	ipText(t, ns, "route", "add", "10.0.0.0/8", "via", "192.0.2.9", "metric", "7", "tos", "0x10", "table", "1000", "proto", "static")
	want := []Route4{{Dst: 10 << 24, Bits: 8, Via: 192<<24 | 2<<8 | 9, Dev: dev, Metric: 7, TOS: 0x10, Type: unix.RTN_UNICAST}}
	if got := listed[Route4](t, c, RouteSet{Table: 1000, Protocol: unix.RTPROT_STATIC}); !slices.Equal(got, want) {
		t.Errorf("table 1000 holds %v; want %v", got, want)
	}
}

func TestRoutes6(t *testing.T) {
	ns, c, dev := routeNamespace(t)
	var list []Route6
	for i := range 1500 {
		r := Route6{Bits: 48, Via: [16]byte{0x20, 0x01, 0x0d, 0xb8, 15: 2}, Dev: dev, Metric: 100, Type: unix.RTN_UNICAST}
		r.Dst[0], r.Dst[3], r.Dst[4] = 0x40, byte(i>>8), byte(i)
		list = append(list, r)
	}
	if err := AddRoutes(t.Context(), c, static, false, handOut(list)); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(ipText(t, ns, "-6", "route", "show", "proto", "static"), "via 2001:db8::2 dev v0 metric 100"); lines != len(list) {
		t.Errorf("ip lists %d routes; want %d", lines, len(list))
	}
	diff, err := CompareRoutes(t.Context(), c, static, handOut(list))
	if err != nil || diff.Same != len(list) || len(diff.Missing)+len(diff.Extra)+len(diff.Changed) != 0 {
		t.Errorf("the same routes differ: %+v, %v", diff, err)
	}
	if err := DelRoutes(t.Context(), c, static, len(list), func(i int) Route6 { return list[i] }); err != nil {
		t.Fatal(err)
	}
	if left := ipText(t, ns, "-6", "route", "show", "proto", "static"); left != "" {
		t.Errorf("ip still lists\n%s", left)
	}
}

// A refused route names itself, its place in the list and the kernel's words.
func TestRouteErrors(t *testing.T) {
	_, c, dev := routeNamespace(t)
	list, next := wished(2000, dev)
	list[1234].Via = 10<<24 | 1
	err := AddRoutes(t.Context(), c, static, false, next())
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Index != 1234 || !errors.Is(err, unix.ENETUNREACH) || !strings.Contains(err.Error(), "add route 16.4.210.0/24 via 10.0.0.1") {
		t.Errorf("a route without a way gives %v", err)
	}
	err = DelRoutes(t.Context(), c, static, len(list), func(i int) Route4 { return list[i] })
	if !errors.As(err, &refusal) || refusal.Index != 1234 || !errors.Is(err, unix.ESRCH) {
		t.Errorf("deleting what is not there gives %v at %d; want 1234", err, refusal.Index)
	}
}

// CompareRoutes finds what is missing, extra and changed, in whatever order
// metrics, lengths and prefixes come.
func TestCompareRoutes(t *testing.T) {
	_, c, dev := routeNamespace(t)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		var have, want []Route4
		for i := range 300 {
			r := Route4{Dst: 16<<24 + uint32(random.IntN(8))<<20, Bits: uint8(12 + random.IntN(8)), Via: 192<<24 | 2<<8 | 2, Dev: dev,
				Metric: uint32(random.IntN(3)), TOS: uint8(random.IntN(2)) * 16, Type: unix.RTN_UNICAST}
			r.Dst &= ^uint32(0) << (32 - r.Bits)
			if i%3 != 0 {
				have = append(have, r)
			}
			if i%4 == 0 {
				r.Via++
			}
			if i%5 != 0 {
				want = append(want, r)
			}
		}
		have, want = unique(have), unique(want)
		if err := AddRoutes(t.Context(), c, static, false, handOut(have)); err != nil {
			t.Fatal(err)
		}
		diff, err := CompareRoutes(t.Context(), c, static, handOut(want))
		if err != nil {
			t.Fatal(err)
		}
		if got, expected := describe(diff), describe(compareSlowly(have, want)); got != expected {
			t.Errorf("round %d:\n got %s\nwant %s", round, got, expected)
		}
		repair(t, c, diff)
		if diff, err = CompareRoutes(t.Context(), c, static, handOut(want)); err != nil || diff.Same != len(want) || describe(diff) != describe(RouteDiff[Route4]{Same: len(want)}) {
			t.Errorf("round %d: after the repair %s, %v", round, describe(diff), err)
		}
		if err := DelRoutes(t.Context(), c, static, len(want), func(i int) Route4 { return want[i] }); err != nil {
			t.Fatal(err)
		}
	}
}

func repair(t *testing.T, c *Conn, d RouteDiff[Route4]) {
	t.Helper()
	err := errors.Join(
		DelRoutes(t.Context(), c, static, len(d.Extra), func(i int) Route4 { return d.Extra[i] }),
		AddRoutes(t.Context(), c, static, false, handOut(d.Missing)),
		AddRoutes(t.Context(), c, static, true, handOut(d.Changed)))
	if err != nil {
		t.Fatal(err)
	}
}

func unique(list []Route4) []Route4 {
	slices.SortFunc(list, Route4.Compare)
	return slices.CompactFunc(list, func(a, b Route4) bool { return a.Compare(b) == 0 })
}

func compareSlowly(have, want []Route4) (d RouteDiff[Route4]) {
	find := func(list []Route4, r Route4) int {
		return slices.IndexFunc(list, func(o Route4) bool { return o.Compare(r) == 0 })
	}
	for _, w := range want {
		switch i := find(have, w); {
		case i < 0:
			d.Missing = append(d.Missing, w)
		case have[i] == w:
			d.Same++
		default:
			d.Changed = append(d.Changed, w)
		}
	}
	for _, h := range have {
		if find(want, h) < 0 {
			d.Extra = append(d.Extra, h)
		}
	}
	return d
}

func describe(d RouteDiff[Route4]) string {
	for _, list := range [][]Route4{d.Missing, d.Extra, d.Changed} {
		slices.SortFunc(list, Route4.Compare)
	}
	return fmt.Sprintf("missing %v extra %v changed %v same %d", d.Missing, d.Extra, d.Changed, d.Same)
}

func listed[R RouteRecord](t *testing.T, c *Conn, s RouteSet) []R {
	t.Helper()
	var list []R
	for r, err := range ListRoutes[R](t.Context(), c, s) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// A stride visits everything once.
func TestStride(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 10, 97, 1000, 1 << 16, 1_000_000} {
		step, seen, at := stride(n), make([]bool, n), 0
		for range n {
			seen[at] = true
			at = (at + step) % n
		}
		if slices.Contains(seen, false) {
			t.Errorf("stride(%d) = %d leaves some out", n, step)
		}
	}
}

// Writing and reading allocate by the datagram and not by the route.
func TestRouteAllocations(t *testing.T) {
	_, c, dev := routeNamespace(t)
	list, next := wished(20_000, dev)
	if err := AddRoutes(t.Context(), c, static, false, next()); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(){
		"replace": func() { AddRoutes(t.Context(), c, static, true, next()) },
		"compare": func() { CompareRoutes(t.Context(), c, static, next()) },
		"list": func() {
			for range ListRoutes[Route4](t.Context(), c, static) {
			}
		},
	} {
		if n := testing.AllocsPerRun(3, f); n > float64(len(list))/50 {
			t.Errorf("%s of %d routes: %.0f allocations", name, len(list), n)
		}
	}
}
