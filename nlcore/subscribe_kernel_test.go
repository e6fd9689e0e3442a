package nlcore

import (
	"encoding/json"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// A queue of the smallest size overruns at once. Whoever then dumps at each
// Resync ends with the kernel's true state, while changes go on.
func TestSubscriptionOverrun(t *testing.T) {
	ns := newNamespace(t)
	s, err := Subscribe(unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_LINK}, Options{NetNS: ns, ReceiveBuffer: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	lister := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	churn(t, c, 0) // nobody reads: an overrun for sure
	changes := make(chan struct{})
	go func() {
		defer close(changes)
		for round := range 4 {
			churn(t, c, round+1)
		}
		if err := c.Do(soon(t), newLink("last", "bridge")); err != nil {
			t.Error(err)
		}
	}()

	mtus, resyncs := map[string]uint32{}, 0
	for mtus["last"] == 0 {
		e := next(t, s)
		if e.Resync {
			resyncs++
			mtus = listMTUs(t, lister)
			continue
		}
		follow(t, mtus, e.Message)
	}
	<-changes
	var shown []ipLink
	ipJSON(t, &shown, ns, "link", "show")
	want := map[string]uint32{}
	for _, l := range shown {
		want[l.Name] = l.MTU
	}
	if got, want := text(t, mtus), text(t, want); got != want {
		t.Errorf("after %d resyncs:\n got %s\nwant %s", resyncs, got, want)
	}
	if n := s.Stats(); resyncs == 0 || n.Overruns < uint64(resyncs) {
		t.Errorf("%d resyncs, counted %+v", resyncs, n)
	}
}

// churn makes and changes links, and removes those of the round before.
func churn(t *testing.T, c *Conn, round int) {
	t.Helper()
	var rs []Request
	for i := range 10 {
		name := fmt.Sprintf("r%di%d", round, i)
		rs = append(rs, newLink(name, "bridge"))
		for k := range 5 {
			rs = append(rs, setLink(name, func(w *AttrWriter) { w.U32(unix.IFLA_MTU, uint32(1000+round+k)) }))
		}
		if round > 0 {
			rs = append(rs, delLink(fmt.Sprintf("r%di%d", round-1, i)))
		}
	}
	if err := c.Batch(soon(t), rs); err != nil {
		t.Error(err)
	}
}

// listMTUs dumps the links' MTUs.
func listMTUs(t *testing.T, c *Conn) map[string]uint32 {
	t.Helper()
	mtus := map[string]uint32{}
	err := c.Collect(soon(t), listLinks(), func(m Message) error {
		follow(t, mtus, m)
		return nil
	}, func() { clear(mtus) })
	if err != nil {
		t.Fatal(err)
	}
	return mtus
}

// follow applies one link message.
func follow(t *testing.T, mtus map[string]uint32, m Message) {
	t.Helper()
	l, err := readLink(m)
	switch {
	case err != nil:
		t.Fatal(err)
	case m.Type == unix.RTM_DELLINK:
		delete(mtus, l.Name)
	case m.Type == unix.RTM_NEWLINK:
		mtus[l.Name] = l.MTU
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
