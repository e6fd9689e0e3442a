package nlcore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A few of everything, made by ip, in two bridges and two tables.
func furnish(t *testing.T, ns string) {
	t.Helper()
	for _, line := range []string{
		"link add br0 type bridge", "link add br1 type bridge", "link add v0 type veth peer name v1",
		"link set v0 master br0", "link set v1 master br1",
		"link set br0 up", "link set br1 up", "link set v0 up", "link set v1 up",
		"addr add 192.0.2.1/24 dev br0", "addr add 198.51.100.1/24 dev br1",
		"route add 10.1.0.0/16 via 192.0.2.2 proto static", "route add 10.2.0.0/16 via 198.51.100.2 proto bird",
		"route add 10.3.0.0/16 via 192.0.2.2 proto static table 1000",
		"route add 10.4.0.0/16 proto static nexthop via 192.0.2.2 nexthop via 198.51.100.2",
		"route add 10.5.0.0/16 proto bird table 7 nexthop via 192.0.2.2 nexthop via 198.51.100.2",
		"route add blackhole 10.6.0.0/16 proto static",
		"neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev br0 nud permanent",
		"neigh add 198.51.100.9 lladdr 02:00:00:00:00:09 dev br1 nud permanent",
		"rule add priority 100 from 192.0.2.0/24 table 1000 protocol static", "rule add priority 200 table 7",
	} {
		iproute(t, ns, strings.Fields(line)...)
	}
}

// What a strict kernel gives, what one gives that cannot filter, and what ip
// prints are the same.
func TestSelectWithAndWithoutTheKernelsHelp(t *testing.T) {
	ns := newNamespace(t)
	furnish(t, ns)
	strict, loose := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}), dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	if err := loose.t.control(func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_GET_STRICT_CHK, 0) }); err != nil {
		t.Fatal(err)
	}
	br0, br1 := uint32(indexOf(t, strict, "br0")), uint32(indexOf(t, strict, "br1"))
	for _, test := range []struct {
		typ  uint16
		s    Selection
		want string
	}{
		{unix.RTM_GETROUTE, Selection{Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_STATIC}, "10.1.0.0 10.4.0.0 10.6.0.0"},
		{unix.RTM_GETROUTE, Selection{Family: unix.AF_INET, Table: 1000}, "10.3.0.0"},
		{unix.RTM_GETROUTE, Selection{Family: unix.AF_INET, Protocol: unix.RTPROT_BIRD}, "10.5.0.0 10.2.0.0"},
		{unix.RTM_GETROUTE, Selection{Family: unix.AF_INET, Protocol: unix.RTPROT_BIRD, Device: br0}, "10.5.0.0"},
		{unix.RTM_GETROUTE, Selection{Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN, Device: br1}, "10.2.0.0 10.4.0.0 198.51.100.0"},
		{unix.RTM_GETROUTE, Selection{Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN, Device: 4711}, ""},
		{unix.RTM_GETLINK, Selection{Master: br1}, "v1"},
		{unix.RTM_GETLINK, Selection{Device: br0}, "br0"},
		{unix.RTM_GETADDR, Selection{Family: unix.AF_INET, Device: br1}, "198.51.100.1"},
		{unix.RTM_GETADDR, Selection{Family: unix.AF_INET, Device: br1, Protocol: 99}, ""},
		{unix.RTM_GETNEIGH, Selection{Family: unix.AF_INET, Device: br0}, "192.0.2.9"},
		{unix.RTM_GETNEIGH, Selection{Family: unix.AF_INET, Protocol: 98}, ""},
		{unix.RTM_GETRULE, Selection{Family: unix.AF_INET, Table: 1000}, "100"},
		{unix.RTM_GETRULE, Selection{Family: unix.AF_INET, Protocol: unix.RTPROT_KERNEL, Table: 255}, "0"},
		{unix.RTM_GETRULE, Selection{Family: unix.AF_INET, Protocol: unix.RTPROT_STATIC}, "100"},
	} {
		for name, c := range map[string]*Conn{"strict": strict, "loose": loose} {
			got, err := selected(t, c, test.typ, test.s)
			if name == "strict" && test.s.Device == 4711 && errors.Is(err, unix.ENODEV) {
				continue // the strict kernel says so
			}
			if err != nil || got != test.want {
				t.Errorf("%s, %s %+v: got %q, %v; want %q", name, TypeName(0, test.typ), test.s, got, err, test.want)
			}
		}
	}
}

// selected names the objects that are selected.
func selected(t *testing.T, c *Conn, typ uint16, s Selection) (string, error) {
	t.Helper()
	var names []string
	err := c.Select(soon(t), typ, s, func(m Message) error {
		if name := objectName(m); !strings.HasPrefix(name, "224.") { // IGMP's neighbours come when they like
			names = append(names, name)
		}
		return nil
	}, func() { names = nil })
	return strings.Join(names, " "), err
}

// objectName is the attribute by which an object is known.
func objectName(m Message) string {
	o, _ := selectableOf(m.Type)
	switch o.get {
	case unix.RTM_GETLINK:
		return linkName(m)
	case unix.RTM_GETRULE:
		a, _ := attrOf(m, o.header, unix.FRA_PRIORITY)
		v, _ := a.Uint32() // absent for the first rule
		return fmt.Sprint(v)
	}
	a, _ := attrOf(m, o.header, map[uint16]uint16{
		unix.RTM_GETROUTE: unix.RTA_DST, unix.RTM_GETADDR: unix.IFA_LOCAL, unix.RTM_GETNEIGH: unix.NDA_DST,
	}[o.get])
	addr, _ := netip.AddrFromSlice(a.Data)
	return addr.String()
}

// The strict kernel itself leaves out what it can: the messages say so.
func TestSelectIsFilteredByTheKernel(t *testing.T) {
	ns := newNamespace(t)
	furnish(t, ns)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	r, err := Selection{Family: unix.AF_INET, Table: 1000}.request(unix.RTM_GETROUTE)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for m, err := range c.Dump(soon(t), r) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; m.Flags&unix.NLM_F_DUMP_FILTERED == 0 {
			t.Errorf("flags %#x", m.Flags)
		}
	}
	if n != 1 {
		t.Errorf("%d messages for one route", n)
	}
	err = c.Select(soon(t), unix.RTM_GETROUTE, Selection{Family: unix.AF_INET, Table: 4242}, nil, nil)
	if !errors.Is(err, unix.ENOENT) {
		t.Errorf("no such table: %v", err)
	}
}

func TestSelectWhatCannotBe(t *testing.T) {
	c, _ := newFake(nil)
	for want, err := range map[string]error{
		"list RTM_GETROUTE: they have no master: invalid argument":   c.Select(soon(t), unix.RTM_GETROUTE, Selection{Master: 1}, nil, nil),
		"list RTM_GETLINK: they have no protocol: invalid argument":  c.Select(soon(t), unix.RTM_GETLINK, Selection{Protocol: 1}, nil, nil),
		"list RTM_NEWROUTE: no selection of these: invalid argument": c.Select(soon(t), unix.RTM_NEWROUTE, Selection{}, nil, nil),
		"list RTM_GETQDISC: no selection of these: invalid argument": c.Select(soon(t), unix.RTM_GETQDISC, Selection{}, nil, nil),
		"list RTM_GETRULE: they have no device: invalid argument":    c.Select(soon(t), unix.RTM_GETRULE, Selection{Device: 1}, nil, nil),
		"list RTM_GETADDR: they have no table: invalid argument":     c.Select(soon(t), unix.RTM_GETADDR, Selection{Table: 1}, nil, nil),
		"list RTM_GETNEIGH: they have no table: invalid argument":    c.Select(soon(t), unix.RTM_GETNEIGH, Selection{Table: 1}, nil, nil),
		"list RTM_GETADDR: they have no master: invalid argument":    c.Select(soon(t), unix.RTM_GETADDR, Selection{Master: 1}, nil, nil),
	} {
		if err == nil || err.Error() != want || !errors.Is(err, unix.EINVAL) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Broken messages match nothing that needs what is broken, and never panic.
func FuzzMatch(f *testing.F) {
	hop := binary.NativeEndian.AppendUint16(nil, 8)
	hop = append(hop, 0, 0)
	hop = binary.NativeEndian.AppendUint32(hop, 5)
	w := NewAttrWriter(rtmsg(netip.MustParsePrefix("10.0.0.0/8")))
	w.Raw(unix.RTA_MULTIPATH, slices.Concat(hop, hop))
	f.Add(uint16(unix.RTM_NEWROUTE), w.Bytes(), uint32(5), uint32(unix.RT_TABLE_MAIN))
	f.Add(uint16(unix.RTM_NEWLINK), ifinfo(5, 0, 0), uint32(5), uint32(0))
	f.Fuzz(func(t *testing.T, typ uint16, body []byte, device, table uint32) {
		m := Message{Type: typ, Body: body}
		all, some := Selection{}.Match(m), Selection{Device: device, Table: table}.Match(m)
		if some && !all {
			t.Errorf("a narrower selection takes more: type %d, %x", typ, body)
		}
	})
}
