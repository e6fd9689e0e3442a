package object_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// wire is a namespace with our own rtnetlink connection.
type wire struct {
	*lab.Namespace
	t     *testing.T
	conn  *nlcore.Conn
	names fixedNames
}

// newWire makes br0 (2), v1 (4) and its other end v0 (3).
func newWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{Namespace: lab.New(t), t: t, names: recordedNames}
	w.Lines(`
		link add br0 type bridge
		link add v1 index 4 type veth peer name v0 index 3
		link set v1 master br0`)
	var err error
	if w.conn, err = nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{NetNS: w.Name}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.conn.Close() })
	return w
}

// write carries out a write of ours.
func (w *wire) write(o object.Write) error {
	w.t.Helper()
	r, err := o.Encode(w.names, protocol)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.conn.Do(w.t.Context(), r)
}

// link reads a link as we do.
func (w *wire) link(name string) *object.Object {
	w.t.Helper()
	for m, err := range w.conn.Dump(context.Background(), nlcore.Request{Type: unix.RTM_GETLINK, Body: make([]byte, unix.SizeofIfInfomsg), Header: unix.SizeofIfInfomsg, Label: "list links"}) {
		if err != nil {
			w.t.Fatal(err)
		}
		o, err := object.DecodeLink(m.Body, w.names)
		if err != nil {
			w.t.Fatal(err)
		}
		if o.Name == name {
			return o
		}
	}
	w.t.Fatalf("no link %s", name)
	return nil
}

const (
	bridgeData = "linkinfo.info_data."
	portData   = "linkinfo.info_slave_data."
)

// kernelRows has a case for each row of a bridge, of its port, of a veth and of
// every link: a value that is not the default, in our words and in iproute2's.
var kernelRows = []struct {
	link, key, text string
	set             string // ip link set LINK ...
	field, shown    string // of ip -j -d link
}{
	{"v0", "mtu", "1400", "mtu 1400", "mtu", "1400"},
	{"v0", "address", "02:00:00:00:00:99", "address 02:00:00:00:00:99", "address", "02:00:00:00:00:99"},
	{"v0", "txqueuelen", "77", "txqueuelen 77", "txqlen", "77"},
	{"v0", "alias", "a_note", "alias a_note", "ifalias", "a_note"},
	{"v0", "group", "9", "group 9", "group", "9"},
	{"v0", "master", "br0", "master br0", "master", "br0"},
	{"v0", "up", "true", "up", "flags", "UP"},
	{"v0", "arp", "false", "arp off", "flags", "NOARP"},
	{"v0", "multicast", "false", "multicast off", "flags", "[BROADCAST M-DOWN]"},
	{"v0", "allmulticast", "true", "allmulticast on", "flags", "ALLMULTI"},
	{"v0", "promisc", "true", "promisc on", "flags", "PROMISC"},
	{"v0", "dynamic", "true", "dynamic on", "flags", "DYNAMIC"},
	{"v0", "addrgenmode", "none", "addrgenmode none", "inet6_addr_gen_mode", "none"},
	{"v0", "gso_max_size", "30000", "gso_max_size 30000", "gso_max_size", "30000"},
	{"v0", "gso_max_segs", "100", "gso_max_segs 100", "gso_max_segs", "100"},
	{"v0", "gro_max_size", "30000", "gro_max_size 30000", "gro_max_size", "30000"},
	{"br0", "bridge.stp_state", "true", "type bridge stp_state 1", bridgeData + "stp_state", "1"},
	{"br0", "bridge.forward_delay", "401", "type bridge forward_delay 401", bridgeData + "forward_delay", "401"},
	{"br0", "bridge.hello_time", "101", "type bridge hello_time 101", bridgeData + "hello_time", "101"},
	{"br0", "bridge.max_age", "1001", "type bridge max_age 1001", bridgeData + "max_age", "1001"},
	{"br0", "bridge.ageing_time", "20003", "type bridge ageing_time 20003", bridgeData + "ageing_time", "20003"},
	{"br0", "bridge.priority", "4096", "type bridge priority 4096", bridgeData + "priority", "4096"},
	{"br0", "bridge.group_fwd_mask", "8", "type bridge group_fwd_mask 8", bridgeData + "group_fwd_mask", "0x8"},
	{"br0", "bridge.vlan_filtering", "true", "type bridge vlan_filtering 1", bridgeData + "vlan_filtering", "1"},
	{"br0", "bridge.vlan_protocol", "802.1ad", "type bridge vlan_protocol 802.1ad", bridgeData + "vlan_protocol", "802.1ad"},
	{"br0", "bridge.vlan_default_pvid", "7", "type bridge vlan_default_pvid 7", bridgeData + "vlan_default_pvid", "7"},
	{"br0", "bridge.mcast_snooping", "false", "type bridge mcast_snooping 0", bridgeData + "mcast_snooping", "0"},
	{"br0", "bridge.mcast_querier", "true", "type bridge mcast_querier 1", bridgeData + "mcast_querier", "1"},
	{"v1", "bridge_port.cost", "5", "type bridge_slave cost 5", portData + "cost", "5"},
	{"v1", "bridge_port.priority", "3", "type bridge_slave priority 3", portData + "priority", "3"},
	{"v1", "bridge_port.hairpin", "true", "type bridge_slave hairpin on", portData + "hairpin", "true"},
	{"v1", "bridge_port.guard", "true", "type bridge_slave guard on", portData + "guard", "true"},
	{"v1", "bridge_port.root_block", "true", "type bridge_slave root_block on", portData + "root_block", "true"},
	{"v1", "bridge_port.fastleave", "true", "type bridge_slave fastleave on", portData + "fastleave", "true"},
	{"v1", "bridge_port.learning", "false", "type bridge_slave learning off", portData + "learning", "false"},
	{"v1", "bridge_port.flood", "false", "type bridge_slave flood off", portData + "flood", "false"},
	{"v1", "bridge_port.mcast_flood", "false", "type bridge_slave mcast_flood off", portData + "mcast_flood", "false"},
	{"v1", "bridge_port.bcast_flood", "false", "type bridge_slave bcast_flood off", portData + "bcast_flood", "false"},
	{"v1", "bridge_port.neigh_suppress", "true", "type bridge_slave neigh_suppress on", portData + "neigh_suppress", "true"},
	{"v1", "bridge_port.isolated", "true", "type bridge_slave isolated on", portData + "isolated", "true"},
}

// TestRows goes both ways for each row: iproute2 sets, we read; we set, iproute2
// shows. An option that this kernel was not built for has to be one that we know
// to need something, and be refused as unsupported.
func TestRows(t *testing.T) {
	for _, c := range kernelRows {
		t.Run(c.key, func(t *testing.T) {
			row := object.LinkRow(c.key)
			if row == nil {
				t.Fatal("no such row")
			}
			w := newWire(t)
			if text, known := object.Default(w.link(c.link).Values.Get("kind"), c.key); known && !row.Equal(text, w.link(c.link).Values.Get(c.key)) && row.Kconfig == "" {
				t.Errorf("a new link has %q; the row says %q", w.link(c.link).Values.Get(c.key), text)
			}
			err := w.write(link(object.Change, c.link, w.link(c.link).Values.Get("kind"), object.NewValues(c.key, c.text)))
			reported := w.link(c.link).Values.Has(c.key)
			if row.Kconfig != "" && (errors.Is(err, unix.EOPNOTSUPP) || err == nil && !reported) {
				t.Logf("not on this kernel (%s): %v", row.Kconfig, err)
				return
			}
			if err != nil {
				t.Fatalf("we set %s: %v", c.text, err)
			}
			if shown := fmt.Sprint(w.Link(c.link)[c.field]); !strings.Contains(shown, c.shown) && !row.Equal(c.shown, shown) {
				t.Errorf("we set %s, ip shows %s; want %s", c.text, shown, c.shown)
			}
			w = newWire(t)
			w.IP(append([]string{"link", "set", c.link}, strings.Fields(c.set)...)...)
			if got := w.link(c.link).Values.Get(c.key); !row.Equal(c.text, got) {
				t.Errorf("ip link set %s %s, we read %q; want %q", c.link, c.set, got, c.text)
			}
		})
	}
}

// TestRowsAreComplete: a new row needs a case above.
func TestRowsAreComplete(t *testing.T) {
	tested := map[string]bool{"name": true, "veth.peer": true, "veth.netns": true, "numtxqueues": true, "numrxqueues": true, "gso_ipv4_max_size": true, "gro_ipv4_max_size": true, "dsa.conduit": true, "bond.primary": true} // TestVeth, TestQueues, TestLater, TestRequests; the kernel shows a primary only among ports: testdata/guest
	for _, c := range kernelRows {
		tested[c.key] = true
	}
	for _, c := range lab.KindCases(t, kindsFile) {
		for _, r := range c.Rows {
			tested[r.Key] = true
		}
	}
	for _, k := range object.Kinds() {
		for _, r := range k.Rows {
			if key := k.Name + "." + r.Key; !tested[key] && !r.Hidden {
				t.Errorf("no case for %s", key)
			}
		}
		for _, r := range k.Port {
			if key := k.Name + "_port." + r.Key; !tested[key] {
				t.Errorf("no case for %s", key)
			}
		}
	}
	for _, key := range object.LinkKeys() {
		if !tested[key] {
			t.Errorf("no case for %s", key)
		}
	}
}

// TestQueues: both sides make a link with so many queues.
func TestQueues(t *testing.T) {
	w := newWire(t)
	w.IP("link", "add", "theirs", "numtxqueues", "3", "numrxqueues", "2", "type", "ifb")
	if err := w.write(link(object.Create, "ours", "ifb", object.NewValues("numtxqueues", "3", "numrxqueues", "2"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"theirs", "ours"} {
		shown, read := w.Link(name), w.link(name).Values
		if fmt.Sprint(shown["num_tx_queues"], shown["num_rx_queues"]) != "3 2" || read.Get("numtxqueues")+" "+read.Get("numrxqueues") != "3 2" {
			t.Errorf("%s: ip shows %v and %v queues, we read %s and %s; want 3 and 2", name, shown["num_tx_queues"], shown["num_rx_queues"], read.Get("numtxqueues"), read.Get("numrxqueues"))
		}
	}
}

// TestLater is for what the kernel knows and iproute2 not yet: those for IPv4
// alone follow the others until they are set.
func TestLater(t *testing.T) {
	for later, older := range map[string]string{"gso_ipv4_max_size": "gso_max_size", "gro_ipv4_max_size": "gro_max_size"} {
		w := newWire(t)
		w.IP("link", "set", "v0", older, "30000")
		if read := w.link("v0").Values.Get(later); read != "30000" {
			t.Errorf("iproute2 sets %s to 30000; we read %s %q", older, later, read)
		}
		if err := w.write(link(object.Change, "v0", "veth", object.NewValues(later, "20000"))); err != nil {
			t.Fatal(err)
		}
		if v := w.link("v0").Values; v.Get(later) != "20000" || v.Get(older) != "30000" {
			t.Errorf("%s is %s, %s is %s; want 20000 and 30000", later, v.Get(later), older, v.Get(older))
		}
	}
}

func TestVeth(t *testing.T) {
	w := newWire(t)
	if err := w.write(link(object.Create, "w0", "veth", object.NewValues("veth.peer", "w1", "mtu", "1300"))); err != nil {
		t.Fatal(err)
	}
	if peer := w.Link("w0")["link"]; peer != "w1" {
		t.Errorf("ip shows the peer %v; want w1", peer)
	}
	if err := w.write(link(object.Change, "v0", "veth", object.NewValues("name", "v9"))); err != nil {
		t.Fatal(err)
	}
	if got := w.link("v9").Values.Get("veth.peer"); got != "v1" {
		t.Errorf("the peer of v9 is %q; want v1", got)
	}
	far := lab.New(t)
	w.IP("link", "set", "v1", "netns", far.Name)
	if o := w.link("v9"); !o.Abroad || o.Values.Get("veth.peer") != "" {
		t.Errorf("the peer is in another namespace, and we read %v", o.Values)
	}
}

// objects is a file with one of each kind of address and route.
const objects = `
version = 1

[link.v0]
addresses = [
	"10.0.0.1/24", { local = "10.0.0.2/24", label = "v0:2", broadcast = "10.0.0.255" },
	{ local = "10.0.1.1/32", peer = "10.0.1.2", scope = "link" }, "127.0.0.2/8",
	"fd00::1/64", { local = "fd00:1::1/128", peer = "fd00:1::2" }, "fe80::5/64",
]

[[route]]
to  = "default"
via = "10.0.0.9"

[[route]]
to     = "10.1.0.0/16"
dev    = "v0"
src    = "10.0.0.2"
metric = 200
table  = 1000

[[route]]
to   = "192.0.2.0/24"
type = "blackhole"

[[route]]
to   = "192.0.3.0/24"
type = "unreachable"

[[route]]
to   = "192.0.4.0/24"
type = "prohibit"

[[route]]
to   = "192.0.5.0/24"
type = "throw"

[[route]]
to   = "192.0.6.0/24"
type = "local"
dev  = "v0"

[[route]]
to  = "fd00:2::/48"
via = "fd00::9"

[[route]]
to     = "fd00:3::/48"
type   = "blackhole"
metric = 5

[[route]]
to    = "fd00:4::1"
dev   = "v0"
table = 7
`

// shown is how iproute2 words them.
var shown = map[string][]string{
	"address show dev v0": {"inet 10.0.0.1/24 scope global v0", "inet 10.0.0.2/24 brd 10.0.0.255 scope global secondary v0:2", "inet 10.0.1.1 peer 10.0.1.2/32 scope link v0",
		"inet 127.0.0.2/8 scope host v0", "inet6 fd00::1/64 scope global", "inet6 fd00:1::1 peer fd00:1::2/128 scope global", "inet6 fe80::5/64 scope link"},
	"route show table all proto 98": {"default via 10.0.0.9 dev v0", "10.1.0.0/16 dev v0 table 1000 scope link src 10.0.0.2 metric 200", "blackhole 192.0.2.0/24",
		"unreachable 192.0.3.0/24", "prohibit 192.0.4.0/24", "throw 192.0.5.0/24", "local 192.0.6.0/24 dev v0 table local scope host"},
	"-6 route show table all proto 98": {"fd00:2::/48 via fd00::9 dev v0 metric 1024", "blackhole fd00:3::/48 dev lo metric 5", "fd00:4::1 dev v0 table 7 metric 1024"},
}

// TestAddressesAndRoutes writes them, has iproute2 show them, and reads them
// back: every value must be as it was wanted.
func TestAddressesAndRoutes(t *testing.T) {
	w := newWire(t)
	w.Lines("link set lo up\nlink set v0 up\nlink set v1 up")
	root, faults := conf.Parse("", []byte(objects))
	want, more := object.Read("", root)
	if err := append(faults, more...).Err(); err != nil {
		t.Fatal(err)
	}
	wanted := slices.Concat(want.Of(object.Address), want.Of(object.Route))
	for _, o := range wanted {
		if err := w.write(object.Write{Op: object.Create, ID: o.ID, Values: o.Values}); err != nil {
			t.Errorf("%s: %v", o.ID, err)
		}
	}
	for args, lines := range shown {
		out := w.IP(strings.Fields(args)...)
		if strings.HasPrefix(args, "address") { // newer versions of ip show it, older ones do not
			out = regexp.MustCompile(` proto \S+`).ReplaceAllString(out, "")
		}
		for _, line := range lines {
			if !strings.Contains(out, line) {
				t.Errorf("ip %s lacks %q:\n%s", args, line, out)
			}
		}
	}
	have := w.list()
	for _, o := range slices.Backward(wanted) {
		for _, p := range o.Values.Pairs() {
			key, text := p.Key, p.Text
			if got := have[o.ID]; got == nil || got.Values.Get(key) != text || !got.Ours {
				t.Errorf("%s: %s is %q; we read %+v", o.ID, key, text, got)
			}
		}
		if err := w.write(object.Write{Op: object.Delete, ID: o.ID, Values: o.Values}); err != nil {
			t.Errorf("delete %s: %v", o.ID, err)
		}
	}
	for _, o := range w.list() {
		if o.Ours {
			t.Errorf("%s is still there", o.ID)
		}
	}
}

// list reads the addresses and our routes.
func (w *wire) list() map[object.ID]*object.Object {
	w.t.Helper()
	all := map[object.ID]*object.Object{}
	dump := func(r nlcore.Request, decode func([]byte) (*object.Object, error)) {
		for m, err := range w.conn.Dump(w.t.Context(), r) {
			if err != nil {
				w.t.Fatal(err)
			}
			o, err := decode(m.Body)
			if err != nil {
				w.t.Fatal(err)
			}
			all[o.ID] = o
		}
	}
	dump(nlcore.Request{Type: unix.RTM_GETADDR, Body: make([]byte, unix.SizeofIfAddrmsg), Header: unix.SizeofIfAddrmsg},
		func(b []byte) (*object.Object, error) { return object.DecodeAddress(b, w.names, protocol) })
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		dump(object.RouteDump(family, protocol), func(b []byte) (*object.Object, error) { return object.DecodeRoute(b, w.names, protocol) })
	}
	return all
}
