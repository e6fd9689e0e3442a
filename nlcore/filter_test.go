package nlcore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// neighbour is an RTM_NEWNEIGH or RTM_DELNEIGH with a state.
func neighbour(typ, state uint16) Message {
	body := make([]byte, unix.SizeofNdMsg)
	binary.NativeEndian.PutUint16(body[8:], state)
	return Message{Type: typ, Body: body}
}

// The programs run where they will, in the kernel, which filters the datagrams
// of a pair of Unix sockets just as well.
func TestFilterProgram(t *testing.T) {
	all := []Message{
		{Type: unix.NLMSG_NOOP}, {Type: unix.NLMSG_ERROR}, {Type: unix.NLMSG_DONE}, {Type: unix.NLMSG_OVERRUN},
		{Type: unix.RTM_NEWLINK}, {Type: unix.RTM_DELLINK, PortID: 0x01020304}, {Type: unix.RTM_NEWADDR, PortID: 77},
		neighbour(unix.RTM_NEWNEIGH, unix.NUD_PERMANENT), neighbour(unix.RTM_NEWNEIGH, unix.NUD_STALE),
		neighbour(unix.RTM_DELNEIGH, unix.NUD_STALE), {Type: unix.RTM_NEWNEIGH}, {Type: 0x1c00}, {Type: 0xffff},
	}
	type want func(m Message) bool
	control := func(m Message) bool { return m.Type <= unix.NLMSG_OVERRUN }
	lasting := func(m Message) bool {
		return m.Type != unix.RTM_NEWNEIGH || len(m.Body) == 0 || m.Body[8]|m.Body[9] == unix.NUD_PERMANENT
	}
	for name, test := range map[string]struct {
		f    Filter
		pass want
	}{
		"nothing":    {Filter{}, func(Message) bool { return true }},
		"one type":   {Filter{Types: []uint16{unix.RTM_NEWLINK}}, func(m Message) bool { return control(m) || m.Type == unix.RTM_NEWLINK }},
		"last type":  {Filter{Types: []uint16{0xfffe, 0xffff}}, func(m Message) bool { return control(m) || m.Type == 0xffff }},
		"neighbours": {Filter{NeighbourStates: unix.NUD_PERMANENT}, lasting},
		"ports":      {Filter{Ignore: []uint32{5, 0x01020304, 77}}, func(m Message) bool { return m.PortID == 0 }},
		"all three": {
			Filter{Types: []uint16{unix.RTM_NEWNEIGH, unix.RTM_NEWADDR}, NeighbourStates: unix.NUD_PERMANENT, Ignore: []uint32{77}},
			func(m Message) bool { return control(m) || m.Type == unix.RTM_NEWNEIGH && lasting(m) },
		},
	} {
		var passed []int
		for i, m := range all {
			if filtered(t, test.f, m) {
				passed = append(passed, i)
			}
		}
		var wanted []int
		for i, m := range all {
			if test.pass(m) {
				wanted = append(wanted, i)
			}
		}
		if !slices.Equal(passed, wanted) {
			t.Errorf("%s: %v passed, not %v", name, passed, wanted)
		}
	}
}

// filtered tells whether m passes f.
func filtered(t *testing.T, f Filter, m Message) bool {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if p := f.program(); len(p) > 0 {
		if err := attach(pair[1], p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := unix.Write(pair[0], appendMessage(nil, m)); err != nil {
		t.Fatal(err)
	}
	_, err = unix.Read(pair[1], make([]byte, 100))
	if err != nil && err != unix.EAGAIN {
		t.Fatal(err)
	}
	return err == nil
}

// Of events that the kernel makes, only those asked for come.
func TestFilterOnRealEvents(t *testing.T) {
	ns := newNamespace(t)
	mine, theirs := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}), dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	index := routable(t, mine)
	s := subscribe(t, unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_NEIGH}, Options{
		NetNS: ns,
		Filter: &Filter{
			Types:           []uint16{unix.RTM_NEWROUTE, unix.RTM_NEWNEIGH},
			NeighbourStates: unix.NUD_PERMANENT,
			Ignore:          []uint32{mine.PortID()},
		},
	})
	rs := routes(index, 4)
	for _, step := range []struct {
		c *Conn
		r Request
	}{
		{mine, rs[0]}, {theirs, rs[1]}, {theirs, setMTU("br0", 1400)},
		{theirs, newNeighbour(index, unix.NUD_STALE)}, {theirs, newNeighbour(index, unix.NUD_PERMANENT)},
		{mine, rs[2]}, {theirs, rs[3]},
	} {
		if err := step.c.Do(soon(t), step.r); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for last := fmt.Sprint("route ", routePrefix(3).Addr()); !slices.Contains(got, last); {
		e := next(t, s)
		got = append(got, subject(e.Message))
		if e.PortID != theirs.PortID() {
			t.Errorf("%s comes from port %d", subject(e.Message), e.PortID)
		}
	}
	want := []string{"route 10.0.0.16", "neighbour 192.0.2.128", "route 10.0.0.48"}
	if got = slices.Compact(got); !slices.Equal(got, want) { // the entry makes two events
		t.Errorf("got %q, want %q", got, want)
	}
	if err := s.SetFilter(Filter{}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetFilter(Filter{}); err != nil {
		t.Error("a second time:", err)
	}
	if err := mine.Do(soon(t), setMTU("br0", 1300)); err != nil {
		t.Fatal(err)
	}
	if e := next(t, s); e.Type != unix.RTM_NEWLINK || linkName(e.Message) != "br0" {
		t.Errorf("without a filter: %+v", e)
	}
}

// subject names what an event is about.
func subject(m Message) string {
	name, header, typ := "route", unix.SizeofRtMsg, uint16(unix.RTA_DST)
	if m.Type == unix.RTM_NEWNEIGH {
		name, header, typ = "neighbour", unix.SizeofNdMsg, unix.NDA_DST
	}
	a, _ := attrOf(m, header, typ)
	ip, _ := netip.AddrFromSlice(a.Data)
	return fmt.Sprint(name, " ", ip)
}

// newNeighbour puts an entry with a state into the table of a link.
func newNeighbour(index int32, state uint16) Request {
	h := make([]byte, unix.SizeofNdMsg)
	h[0] = unix.AF_INET
	binary.NativeEndian.PutUint32(h[4:], uint32(index))
	binary.NativeEndian.PutUint16(h[8:], state)
	w := NewAttrWriter(h)
	w.Raw(unix.NDA_DST, []byte{192, 0, 2, byte(state)})
	w.Raw(unix.NDA_LLADDR, []byte{2, 0, 0, 0, 0, byte(state)})
	return Request{
		Type: unix.RTM_NEWNEIGH, Flags: unix.NLM_F_CREATE | unix.NLM_F_REPLACE,
		Body: w.Bytes(), Header: unix.SizeofNdMsg, Label: "add neighbour",
	}
}

func TestFiltersThatCannotBe(t *testing.T) {
	ns := newNamespace(t)
	generic := subscribe(t, unix.NETLINK_GENERIC, nil, Options{NetNS: ns})
	if err := generic.SetFilter(Filter{NeighbourStates: 1}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("neighbours on the generic bus: %v", err)
	}
	if err := generic.SetFilter(Filter{Ignore: make([]uint32, 3000)}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("3000 ports: %v", err)
	}
	if err := generic.SetFilter(Filter{Types: make([]uint16, 2000)}); err != nil {
		t.Errorf("2000 types: %v", err)
	}
}
