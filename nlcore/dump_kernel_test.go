package nlcore

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// A dump of many datagrams, filtered by the kernel, against ip; and the same
// after dumps that were left or interrupted in the middle.
func TestLongDump(t *testing.T) {
	const n = 20000
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	index := routable(t, c)
	if err := c.Batch(soon(t), append(routes(index, n), newAddress(index, netip.MustParsePrefix("192.0.2.1/24")))); err != nil {
		t.Fatal(err)
	}
	want := ipRoutes(t, ns)
	if len(want) != n {
		t.Fatalf("ip shows %d routes", len(want))
	}
	check := func(after string) {
		t.Helper()
		if got := prefixes(t, c); !slices.Equal(got, want) {
			t.Errorf("after %s: %d routes that differ from those of ip", after, len(got))
		}
	}
	before := c.Stats()
	check("nothing")
	if reads := c.Stats().Reads - before.Reads; reads < 20 || reads > n/100 {
		t.Errorf("%d datagrams for %d routes", reads, n)
	}
	for range c.Dump(soon(t), listRoutes(unix.RTPROT_STATIC)) {
		break
	}
	check("a dump that was left")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, err := range c.Dump(ctx, listRoutes(unix.RTPROT_STATIC)) {
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	check("a dump that was interrupted")
	if s := c.Stats(); s.Stray != 0 || s.Interrupted != 0 {
		t.Errorf("counted %+v", s)
	}
}

// prefixes lists the static routes.
func prefixes(t *testing.T, c *Conn) (all []string) {
	t.Helper()
	err := c.Collect(soon(t), listRoutes(unix.RTPROT_STATIC), func(m Message) error {
		a, ok := attrOf(m, unix.SizeofRtMsg, unix.RTA_DST)
		addr, isAddr := netip.AddrFromSlice(a.Data)
		if !ok || !isAddr || m.Body[5] != unix.RTPROT_STATIC {
			return fmt.Errorf("not a static route: %x", m.Body)
		}
		all = append(all, netip.PrefixFrom(addr, int(m.Body[1])).String())
		return nil
	}, func() { all = nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A read costs two allocations (x/sys makes the sender's address), a message none.
func TestLongDumpAllocates(t *testing.T) {
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t)})
	if err := c.Batch(soon(t), routes(routable(t, c), 10000)); err != nil {
		t.Fatal(err)
	}
	r := listRoutes(unix.RTPROT_STATIC)
	var reads uint64
	allocs := testing.AllocsPerRun(10, func() {
		before := c.Stats().Reads
		for _, err := range c.Dump(context.Background(), r) {
			if err != nil {
				t.Fatal(err)
			}
		}
		reads = c.Stats().Reads - before
	})
	if limit := float64(2*reads + 5); allocs > limit {
		t.Errorf("%v allocations for %d reads of 10000 messages", allocs, reads)
	}
}
