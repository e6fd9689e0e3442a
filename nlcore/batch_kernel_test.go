package nlcore

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A whole small configuration in one batch, each message resting on the one
// before, as ip then shows it.
func TestMixedBatchAsIPShowsIt(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	addresses := []netip.Prefix{
		netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("198.51.100.1/31"), netip.MustParsePrefix("2001:db8::1/64"),
	}
	batch := []Request{newLink("br0", "bridge"), newLink("v0", "veth"), upLink("br0"), upLink("v0")}
	if err := c.Batch(soon(t), batch); err != nil {
		t.Fatal(err)
	}
	index := indexOf(t, c, "br0")
	batch = []Request{setLink("v0", func(w *AttrWriter) { w.U32(unix.IFLA_MASTER, uint32(index)) })}
	for _, p := range addresses {
		batch = append(batch, newAddress(index, p))
	}
	batch = append(batch, newRoute(index, netip.MustParsePrefix("203.0.113.0/24")))
	if err := c.Batch(soon(t), batch); err != nil {
		t.Fatal(err)
	}
	if w, s := c.Stats().Writes, c.Stats().Sends; w != 9 || s != 3 {
		t.Errorf("counted %d writes and %d datagrams, not 9 and 3", w, s)
	}
	if got := ipAddresses(t, ns, "br0"); !slices.Equal(got, addresses) {
		t.Errorf("addresses %v, want %v", got, addresses)
	}
	if got := ipRoutes(t, ns); !slices.Equal(got, []string{"203.0.113.0/24"}) {
		t.Errorf("routes %v", got)
	}
	var v0 []struct{ Master string }
	ipJSON(t, &v0, ns, "link", "show", "v0")
	if len(v0) != 1 || v0[0].Master != "br0" {
		t.Errorf("v0 is under %+v", v0)
	}
}

// indexOf asks the kernel for a link's index.
func indexOf(t testing.TB, c *Conn, name string) int32 {
	t.Helper()
	m, err := c.Get(soon(t), getLink(name))
	if err != nil {
		t.Fatal(err)
	}
	if got := linkName(m); got != name {
		t.Fatalf("asked for %q, got %q", name, got)
	}
	return linkIndex(m)
}

// ipAddresses gives a link's addresses of global scope as ip shows them.
func ipAddresses(t *testing.T, ns, link string) (all []netip.Prefix) {
	t.Helper()
	var shown []struct {
		Info []struct {
			Local string
			Bits  int `json:"prefixlen"`
			Scope string
		} `json:"addr_info"`
	}
	ipJSON(t, &shown, ns, "address", "show", "dev", link)
	for _, a := range shown[0].Info {
		if a.Scope == "global" {
			all = append(all, netip.PrefixFrom(netip.MustParseAddr(a.Local), a.Bits))
		}
	}
	return all
}

// ipRoutes gives the static IPv4 routes as ip shows them.
func ipRoutes(t *testing.T, ns string) (all []string) {
	t.Helper()
	var shown []struct{ Dst string }
	ipJSON(t, &shown, ns, "-4", "route", "show", "proto", "static")
	for _, r := range shown {
		all = append(all, r.Dst)
	}
	return all
}

// The k-th of a batch fails. The kernel goes on inside the datagram and gets
// none of those after it, as the comment of Batch says.
func TestBatchWithAFailure(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	index := routable(t, c)
	rs := routes(index, 2500)
	rs[1200], rs[1300] = rs[7], rs[8]

	err := c.Batch(soon(t), rs)
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v", err)
	}
	if refusal.Index != 1200 || refusal.Label != rs[7].Label || refusal.Errno != unix.EEXIST {
		t.Errorf("got %+v", refusal)
	}
	want := fmt.Sprintf("%s (message 1201 of 2500): file exists", rs[7].Label)
	if !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), " (and 1 more)") {
		t.Errorf("got  %v\nwant %s … (and 1 more)", err, want)
	}
	var expect []string
	for i := range 2000 {
		if i != 1200 && i != 1300 {
			expect = append(expect, routePrefix(i).String())
		}
	}
	if got := ipRoutes(t, ns); !slices.Equal(got, expect) {
		t.Errorf("%d routes, want %d: all of the first two datagrams but the two refused", len(got), len(expect))
	}
}

// Even if each message of a full datagram is refused, no answer is lost.
func TestBatchOfWhichAllFail(t *testing.T) {
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t)})
	rs := routes(routable(t, c), batchMessages)
	if err := c.Batch(soon(t), rs); err != nil {
		t.Fatal(err)
	}
	var batch *BatchError
	if err := c.Batch(soon(t), rs); !errors.As(err, &batch) || len(batch.Failed) != len(rs) || batch.Cause != nil {
		t.Fatalf("%v: %d refusals, cause %v", err, len(batch.Failed), batch.Cause)
	}
	for i, e := range batch.Failed {
		if e.Index != i || e.Errno != unix.EEXIST {
			t.Fatalf("refusal %d: %+v", i, e)
		}
	}
}

// With a small queue most of the answers are lost: the batch ends all the
// same, with the first refusal and the reason for the doubt.
func TestBatchOverrunsItsQueue(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	rs := routes(routable(t, c), batchMessages)
	if err := c.Batch(soon(t), rs); err != nil {
		t.Fatal(err)
	}
	small := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns, ReceiveBuffer: 1})
	err := small.Batch(soon(t), rs)
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Index != 0 || !errors.Is(err, unix.ENOBUFS) {
		t.Fatalf("got %v", err)
	}
	if n := small.Stats().Overruns; n == 0 {
		t.Error("no overrun counted")
	}
	if err := small.Do(soon(t), upLink("br0")); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// routable makes a bridge that is up and can carry routes.
func routable(t testing.TB, c *Conn) int32 {
	t.Helper()
	if err := c.Batch(soon(t), []Request{newLink("br0", "bridge"), upLink("br0")}); err != nil {
		t.Fatal(err)
	}
	return indexOf(t, c, "br0")
}

// routePrefix is the i-th prefix, in ascending order.
func routePrefix(i int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 12), byte(i >> 4), byte(i << 4)}), 28)
}

func routes(index int32, n int) []Request {
	rs := make([]Request, n)
	for i := range rs {
		rs[i] = newRoute(index, routePrefix(i))
	}
	return rs
}
