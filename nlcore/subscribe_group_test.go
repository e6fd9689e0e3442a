package nlcore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// subscribe listens for the length of the test.
func subscribe(t testing.TB, bus int, groups []uint32, o Options) *Subscription {
	t.Helper()
	s, err := Subscribe(bus, groups, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return s
}

// Group 33 has no bit in the 32 of struct sockaddr_nl.
func TestGroupsBeyond32(t *testing.T) {
	ns := newNamespace(t)
	s := subscribe(t, unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_BRVLAN, unix.RTNLGRP_LINK, unix.RTNLGRP_STATS}, Options{NetNS: ns})
	check := func(want ...uint32) {
		t.Helper()
		if got, err := s.Groups(); err != nil || !slices.Equal(got, want) {
			t.Errorf("groups %v, %v; want %v", got, err, want)
		}
	}
	check(unix.RTNLGRP_LINK, unix.RTNLGRP_BRVLAN, unix.RTNLGRP_STATS)
	if err := s.Leave(unix.RTNLGRP_LINK, unix.RTNLGRP_STATS); err != nil {
		t.Fatal(err)
	}
	check(unix.RTNLGRP_BRVLAN)
	if err := s.Join(1 << 30); !errors.Is(err, unix.EINVAL) {
		t.Errorf("group 2^30: %v", err)
	}
	check(unix.RTNLGRP_BRVLAN)
	if err := s.Leave(unix.RTNLGRP_BRVLAN); err != nil {
		t.Fatal(err)
	}
	check()
}

func TestEventTellsItsGroup(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	s := subscribe(t, unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR}, Options{NetNS: ns})
	if err := c.Do(soon(t), newAddress(routable(t, c), netip.MustParsePrefix("192.0.2.1/24"))); err != nil {
		t.Fatal(err)
	}
	var groups []uint32
	for !slices.Contains(groups, unix.RTNLGRP_IPV4_IFADDR) {
		e := next(t, s)
		want := uint32(unix.RTNLGRP_LINK)
		if e.Type == unix.RTM_NEWADDR {
			want = unix.RTNLGRP_IPV4_IFADDR
		}
		if e.Group != want || e.NSID != ownNSID || e.Resync {
			t.Errorf("type %d came by group %d of namespace %d", e.Type, e.Group, e.NSID)
		}
		groups = append(groups, e.Group)
	}
	if n := s.Stats(); n.Events != uint64(len(groups)) || n.Reads < n.Events || n.Resyncs != 0 {
		t.Errorf("%d events, counted %+v", len(groups), n)
	}
}

func TestQueueIsAsLargeAsTold(t *testing.T) {
	ns := newNamespace(t)
	const asked = 64 << 20 // far over net.core.rmem_max
	s := subscribe(t, unix.NETLINK_ROUTE, nil, Options{NetNS: ns, ReceiveBuffer: asked})
	if size, err := s.QueueSize(); err != nil || size != 2*asked {
		t.Errorf("asked for %d, got %d, %v", asked, size, err)
	}
	if size, err := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}).QueueSize(); err != nil || size != 2*connBuffer {
		t.Errorf("a Conn has %d, %v", size, err)
	}
}

// Events of other namespaces come with the ID that they have here.
func TestAllNamespaces(t *testing.T) {
	here, there, unknown := newNamespace(t), newNamespace(t), newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: here})
	const id = 7
	if err := c.Do(soon(t), setNSID(t, there, id)); err != nil {
		t.Fatal(err)
	}
	s := subscribe(t, unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_LINK}, Options{NetNS: here, AllNamespaces: true})
	for i, ns := range []string{unknown, there, here} {
		if err := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}).Do(soon(t), newLink(fmt.Sprintf("br%d", i), "bridge")); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []struct {
		name string
		nsid int32
	}{{"br1", id}, {"br2", ownNSID}} {
		if e := next(t, s); linkName(e.Message) != want.name || e.NSID != want.nsid {
			t.Errorf("%q of namespace %d, want %v", linkName(e.Message), e.NSID, want)
		}
	}
}

// setNSID gives a namespace an ID in that of the socket.
func setNSID(t *testing.T, ns string, id int32) Request {
	t.Helper()
	f, err := os.Open(ns)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	w := NewAttrWriter(make([]byte, 4)) // struct rtgenmsg
	w.S32(unix.NETNSA_NSID, id)
	w.U32(unix.NETNSA_FD, uint32(f.Fd()))
	return Request{Type: unix.RTM_NEWNSID, Body: w.Bytes(), Header: 4, Label: "set namespace ID"}
}

// However many datagrams a system call takes: each event comes once, in order,
// and an event longer than its place costs one Resync and no more.
func TestBursts(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	index := routable(t, c)
	const n = 500
	for _, size := range []int{0, 1, 3, 1000} {
		s := subscribe(t, unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_IPV4_ROUTE}, Options{NetNS: ns, Burst: size})
		calls := countCalls(s)
		rs := routes(index, n)
		if err := c.Batch(soon(t), rs); err != nil {
			t.Fatal(err)
		}
		for i, r := range rs {
			e := next(t, s)
			got, _ := attrOf(e.Message, unix.SizeofRtMsg, unix.RTA_DST)
			want, _ := attrOf(Message{Body: r.Body}, unix.SizeofRtMsg, unix.RTA_DST)
			if e.Type != unix.RTM_NEWROUTE || !slices.Equal(got.Data, want.Data) {
				t.Fatalf("%d a call: event %d is %v, want %v", size, i, got.Data, want.Data)
			}
		}
		per := size
		if size == 0 {
			per = burstMessages
		}
		if want := (n + per - 1) / per; *calls != want {
			t.Errorf("%d a call: %d calls for %d events, want %d", size, *calls, n, want)
		}
		for i := range rs {
			rs[i].Type, rs[i].Flags = unix.RTM_DELROUTE, 0
		}
		if err := c.Batch(soon(t), rs); err != nil {
			t.Fatal(err)
		}
	}
}

// countCalls counts system calls that read.
func countCalls(s *Subscription) *int {
	b, n := s.c.t.(*burst), 0
	once := b.r.once
	b.r.once = func(fd int) error {
		n++
		return once(fd)
	}
	return &n
}

func TestEventLongerThanItsPlace(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	if err := c.Do(soon(t), newLink("br0", "bridge")); err != nil {
		t.Fatal(err)
	}
	s := subscribe(t, unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_LINK}, Options{NetNS: ns})
	s.c.in.buf = make([]byte, 256)
	change := func(mtu uint32) {
		t.Helper()
		if err := c.Do(soon(t), setMTU("br0", mtu)); err != nil {
			t.Fatal(err)
		}
	}
	change(1400)
	if e := next(t, s); !e.Resync {
		t.Errorf("no resync but %+v", e)
	}
	change(1300)
	if e := next(t, s); e.Resync || linkName(e.Message) != "br0" {
		t.Errorf("after the resync: %+v", e)
	}
	if n := s.Stats(); n.Truncated != 1 || n.Resyncs != 1 {
		t.Errorf("counted %+v", n)
	}
}

// The groups are a bit each, the first in the lowest.
func TestGroupsOf(t *testing.T) {
	if got := groupsOf([]uint32{1<<31 | 1, 0, 2}); !slices.Equal(got, []uint32{1, 32, 66}) {
		t.Errorf("got %v", got)
	}
}

// Control messages that the kernel cut short or that are not netlink's say
// nothing.
func TestNotesOfADatagram(t *testing.T) {
	note := func(level, typ int32, v uint32) []byte {
		b := make([]byte, unix.CmsgSpace(4))
		at := 4
		if unix.SizeofCmsghdr == 16 {
			binary.NativeEndian.PutUint64(b, uint64(unix.CmsgLen(4)))
			at = 8
		} else {
			binary.NativeEndian.PutUint32(b, uint32(unix.CmsgLen(4)))
		}
		binary.NativeEndian.PutUint32(b[at:], uint32(level))
		binary.NativeEndian.PutUint32(b[at+4:], uint32(typ))
		binary.NativeEndian.PutUint32(b[unix.CmsgLen(0):], v)
		return b
	}
	both := slices.Concat(note(unix.SOL_SOCKET, unix.NETLINK_PKTINFO, 9),
		note(unix.SOL_NETLINK, unix.NETLINK_PKTINFO, 33), note(unix.SOL_NETLINK, unix.NETLINK_LISTEN_ALL_NSID, 5))
	d := datagram{nsid: ownNSID}
	if d.notes(both); d.group != 33 || d.nsid != 5 {
		t.Errorf("read %+v", d)
	}
	for n := range len(both) {
		d := datagram{nsid: ownNSID}
		if d.notes(both[:n]); d.group != 0 && d.group != 33 || d.nsid != ownNSID && d.nsid != 5 {
			t.Errorf("cut to %d: %+v", n, d)
		}
	}
}
