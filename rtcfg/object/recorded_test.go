package object_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// protocol is what the recordings have.
const protocol = 98

// fixedNames are the links of testdata/record.
type fixedNames map[string]uint32

var recordedNames = fixedNames{"lo": 1, "br0": 2, "v0": 3, "v1": 4}

func (n fixedNames) Index(name string) (uint32, error) {
	if i, ok := n[name]; ok {
		return i, nil
	}
	return 0, fmt.Errorf("no link %q: %w", name, unix.ENODEV)
}

func (n fixedNames) Name(index uint32) string {
	for name, i := range n {
		if i == index {
			return name
		}
	}
	return map[bool]string{true: "", false: fmt.Sprint("#", index)}[index == 0]
}

// recorded reads a file that testdata/record wrote: messages by command.
func recorded(t *testing.T, file string) map[string][]nlcore.Message {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, command := map[string][]nlcore.Message{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "# "); ok {
			command = title
			continue
		}
		raw, err := hex.DecodeString(line)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[command] = append(all[command], messages(t, raw)...)
	}
	return all
}

// messages takes a datagram apart. The recordings are little-endian.
func messages(t *testing.T, raw []byte) (list []nlcore.Message) {
	t.Helper()
	for len(raw) >= unix.SizeofNlMsghdr {
		size := int(binary.LittleEndian.Uint32(raw))
		if size < unix.SizeofNlMsghdr || size > len(raw) {
			t.Fatalf("a message of %d bytes in %d", size, len(raw))
		}
		list = append(list, nlcore.Message{Type: binary.LittleEndian.Uint16(raw[4:]), Flags: binary.LittleEndian.Uint16(raw[6:]),
			Body: slices.Clone(raw[unix.SizeofNlMsghdr:size])})
		raw = raw[min(len(raw), (size+3)&^3):]
	}
	return list
}

// headers are the sizes of the fixed headers, and tables the attributes that
// hold attributes.
var (
	headers = map[uint16]int{
		unix.RTM_NEWLINK: unix.SizeofIfInfomsg, unix.RTM_DELLINK: unix.SizeofIfInfomsg,
		unix.RTM_NEWADDR: unix.SizeofIfAddrmsg, unix.RTM_DELADDR: unix.SizeofIfAddrmsg,
		unix.RTM_NEWROUTE: unix.SizeofRtMsg, unix.RTM_DELROUTE: unix.SizeofRtMsg,
	}
	tables = map[string]bool{".18": true, ".18.2": true, ".18.5": true}
)

// draw gives a request as text, a line for its type, flags and header, then one
// for each attribute, sorted; nested ones by their path.
func draw(t *testing.T, typ, flags uint16, body []byte) []string {
	t.Helper()
	n := headers[typ]
	if n == 0 || len(body) < n {
		t.Fatalf("type %d with %d bytes", typ, len(body))
	}
	header := slices.Clone(body[:n])
	var lines []string
	if n == unix.SizeofRtMsg {
		if table := header[4]; table != 0 { // the header's table is an attribute for the bigger ones
			lines = append(lines, fmt.Sprintf(".15 %02x000000", table))
			header[4] = 0
		}
	}
	lines = append(lines, drawAttrs(t, "", body[n:])...)
	slices.Sort(lines)
	return append([]string{fmt.Sprintf("type %d flags %#x header %x", typ, flags&^(unix.NLM_F_REQUEST|unix.NLM_F_ACK), header)}, slices.Compact(lines)...)
}

func drawAttrs(t *testing.T, path string, b []byte) (lines []string) {
	t.Helper()
	for a, err := range nlcore.Attrs(b) {
		if err != nil {
			t.Fatal(err)
		}
		here := fmt.Sprintf("%s.%d", path, a.Type)
		data := a.Data
		switch {
		case tables[here]:
			lines = append(lines, drawAttrs(t, here, data)...)
			continue
		case here == ".18.2.1" && len(data) > unix.SizeofIfInfomsg: // VETH_INFO_PEER; an IFLA_VLAN_ID is shorter
			lines = append(lines, drawAttrs(t, here, data[unix.SizeofIfInfomsg:])...)
			continue
		}
		if here == ".18.1" { // IFLA_INFO_KIND: the kernel takes it with and without its NUL
			data = bytes.TrimRight(data, "\x00")
		}
		lines = append(lines, fmt.Sprintf("%s %x", here, data))
	}
	return lines
}

// link, address and route make writes as a plan has them.
func link(op object.Op, name, kind string, v object.Values) object.Write {
	return object.Write{Op: op, ID: object.ID{Class: object.Link, Name: name}, Kind: kind, Values: v}
}

func address(op object.Op, v object.Values) object.Write {
	return object.Write{Op: op, ID: object.ID{Class: object.Address}, Values: v}
}

func route(op object.Op, v object.Values) object.Write {
	for key, text := range map[string]string{"table": "254", "metric": "0", "type": "unicast", "scope": "global"} {
		if _, set := v.Lookup(key); !set {
			v.Set(key, text)
		}
	}
	return object.Write{Op: op, ID: object.ID{Class: object.Route}, Values: v}
}

const (
	noMetric = ".6 00000000" // RTA_PRIORITY 0 says what its absence says
	marked   = ".11 62"      // IFA_PROTO: iproute2 marks no addresses

	bridgeSlave = ".18.1 6272696467655f736c617665" // iproute2 names the port's kind as if it were the link's
	slaveBridge = ".18.4 62726964676500"           // we say IFLA_INFO_SLAVE_KIND

	anyType = "type 25 flags 0x0 header 021000000062ff0000000000" // iproute2 deletes a route of any type
	unicast = "type 25 flags 0x0 header 021000000062ff0100000000"
	anyWay  = ".5 0a000008" // we name a route by what it is known by
)

// TestRequests holds what we write against what iproute2 wrote for the same
// (testdata/record made the recordings). ours and theirs are lines that only one
// side has, and should.
func TestRequests(t *testing.T) {
	all := recorded(t, "testdata/requests.txt")
	for _, c := range []struct {
		command string
		write   object.Write
		ours    []string
		theirs  []string
	}{
		{"link add br1 type bridge stp_state 1 forward_delay 400 hello_time 100 max_age 1000 ageing_time 20000 priority 4096 group_fwd_mask 8 vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 7 mcast_snooping 0 mcast_querier 1",
			link(object.Create, "br1", "bridge", object.NewValues("bridge.stp_state", "true", "bridge.forward_delay", "400", "bridge.hello_time", "100",
				"bridge.max_age", "1000", "bridge.ageing_time", "20000", "bridge.priority", "4096", "bridge.group_fwd_mask", "8",
				"bridge.vlan_filtering", "true", "bridge.vlan_protocol", "802.1ad", "bridge.vlan_default_pvid", "7",
				"bridge.mcast_snooping", "false", "bridge.mcast_querier", "true")), nil, nil},
		{"link add w0 mtu 1400 type veth peer name w1", link(object.Create, "w0", "veth", object.NewValues("mtu", "1400", "veth.peer", "w1")), nil, nil},
		{"link add link v0 name v0.7 type vlan id 7 protocol 802.1ad",
			link(object.Create, "v0.7", "vlan", object.NewValues("vlan.link", "v0", "vlan.id", "7", "vlan.protocol", "802.1ad")), nil, nil},
		{"link add d0 address 02:00:00:00:00:0d type dummy", link(object.Create, "d0", "dummy", object.NewValues("address", "02:00:00:00:00:0d")), nil, nil},
		{"link set v0 mtu 1400 txqueuelen 500 alias note group 7 address 02:00:00:00:00:10 up",
			link(object.Change, "v0", "veth", object.NewValues("mtu", "1400", "txqueuelen", "500", "alias", "note", "group", "7", "address", "02:00:00:00:00:10", "up", "true")), nil, nil},
		{"link set v0 master br0", link(object.Change, "v0", "veth", object.NewValues("master", "br0")), nil, nil},
		{"link set v0 nomaster", link(object.Change, "v0", "veth", object.NewValues("master", "")), nil, nil},
		{"link set v0 type bridge_slave cost 5 priority 3 hairpin on guard on root_block on fastleave on learning off flood off mcast_flood off bcast_flood off neigh_suppress on isolated on",
			link(object.Change, "v0", "veth", object.NewValues("bridge_port.cost", "5", "bridge_port.priority", "3", "bridge_port.hairpin", "true",
				"bridge_port.guard", "true", "bridge_port.root_block", "true", "bridge_port.fastleave", "true", "bridge_port.learning", "false",
				"bridge_port.flood", "false", "bridge_port.mcast_flood", "false", "bridge_port.bcast_flood", "false",
				"bridge_port.neigh_suppress", "true", "bridge_port.isolated", "true")), []string{slaveBridge, ".18.1 76657468"}, []string{bridgeSlave}},
		{"link set br0 type bridge ageing_time 10000", link(object.Change, "br0", "bridge", object.NewValues("bridge.ageing_time", "10000")), nil, nil},
		{"link set v0 type dsa conduit br0", link(object.Change, "v0", "dsa", object.NewValues("dsa.conduit", "br0")), nil, nil},
		{"link set v1 name v9", link(object.Change, "v1", "veth", object.NewValues("name", "v9")), nil, nil},
		{"link set v0 down", link(object.Change, "v0", "veth", object.NewValues("up", "false")), nil, nil},
		{"address add 10.0.0.1/24 broadcast 10.0.0.255 label v0:1 dev v0",
			address(object.Create, object.NewValues("local", "10.0.0.1/24", "dev", "v0", "broadcast", "10.0.0.255", "label", "v0:1", "scope", "global")), []string{marked}, nil},
		{"address add 10.0.1.1/32 peer 10.0.1.2 scope link dev v0",
			address(object.Create, object.NewValues("local", "10.0.1.1/32", "peer", "10.0.1.2", "dev", "v0", "scope", "link", "broadcast", "")), []string{marked}, nil},
		{"address add fd00::1/64 dev v0", address(object.Create, object.NewValues("local", "fd00::1/64", "dev", "v0")), []string{marked}, nil},
		{"address add fd00:1::1/128 peer fd00:1::2 dev v0",
			address(object.Create, object.NewValues("local", "fd00:1::1/128", "peer", "fd00:1::2", "dev", "v0")), []string{marked}, nil},
		{"address delete 10.0.1.1/32 peer 10.0.1.2 dev v0", address(object.Delete, object.NewValues("local", "10.0.1.1/32", "peer", "10.0.1.2", "dev", "v0", "label", "v0")), nil, nil},
		{"address delete fd00:1::1/128 peer fd00:1::2 dev v0", address(object.Delete, object.NewValues("local", "fd00:1::1/128", "peer", "fd00:1::2", "dev", "v0")), nil, nil},
		{"route add default via 10.0.0.9 proto 98", route(object.Create, object.NewValues("to", "0.0.0.0/0", "via", "10.0.0.9", "src", "")), []string{noMetric, ".1 00000000"}, nil},
		{"route add 10.1.0.0/16 dev v0 src 10.0.0.1 metric 200 table 1000 proto 98",
			route(object.Create, object.NewValues("to", "10.1.0.0/16", "dev", "v0", "src", "10.0.0.1", "metric", "200", "table", "1000", "scope", "link")), nil, nil},
		{"route add blackhole 192.0.2.0/24 proto 98", route(object.Create, object.NewValues("to", "192.0.2.0/24", "type", "blackhole")), []string{noMetric}, nil},
		{"route add unreachable 192.0.3.0/24 table 7 proto 98", route(object.Create, object.NewValues("to", "192.0.3.0/24", "type", "unreachable", "table", "7")), []string{noMetric}, nil},
		{"route replace 10.2.0.0/16 via 10.0.0.8 proto 98", route(object.Change, object.NewValues("to", "10.2.0.0/16", "via", "10.0.0.8")), []string{noMetric}, nil},
		{"route add fd00:2::/48 via fd00::9 dev v0 proto 98", route(object.Create, object.NewValues("to", "fd00:2::/48", "via", "fd00::9", "dev", "v0", "metric", "1024")), []string{".6 00040000"}, nil},
		{"-6 route add blackhole fd00:3::/48 metric 5 proto 98", route(object.Create, object.NewValues("to", "fd00:3::/48", "type", "blackhole", "metric", "5")), nil, nil},
		{"route delete 10.2.0.0/16 via 10.0.0.8 proto 98", route(object.Delete, object.NewValues("to", "10.2.0.0/16", "via", "10.0.0.8")), []string{noMetric, unicast}, []string{anyType, anyWay}},
	} {
		record := all[c.command]
		if len(record) != 1 {
			t.Errorf("ip %s: %d messages recorded", c.command, len(record))
			continue
		}
		r, err := c.write.Encode(recordedNames, protocol)
		if err != nil {
			t.Errorf("ip %s: %v", c.command, err)
			continue
		}
		want := draw(t, record[0].Type, record[0].Flags, record[0].Body)
		got := draw(t, r.Type, r.Flags, r.Body)
		for _, line := range c.ours {
			got = slices.DeleteFunc(got, func(x string) bool { return x == line })
		}
		for _, line := range c.theirs {
			want = slices.DeleteFunc(want, func(x string) bool { return x == line })
		}
		if !slices.Equal(got, want) {
			t.Errorf("ip %s:\n%s\nours:\n%s", c.command, strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
}

// TestReplies decodes what the kernel answered to ip (testdata/record) and
// compares every value with what the recording set or iproute2 showed.
func TestReplies(t *testing.T) {
	all := recorded(t, "testdata/replies.txt")
	for _, c := range []struct {
		command string
		typ     uint16
		decode  func([]byte) (*object.Object, error)
		want    []string
	}{
		{"-d link show", unix.RTM_NEWLINK, func(b []byte) (*object.Object, error) { return object.DecodeLink(b, recordedNames) }, []string{
			"link lo: address=00:00:00:00:00:00 alias= carrier=true group=0 master= mtu=65536 name=lo txqueuelen=1000 up=false",
			"link br0: address=02:00:00:00:00:0b alias= bridge.ageing_time=10000 bridge.forward_delay=1500 bridge.group_fwd_mask=0 bridge.hello_time=200" +
				" bridge.max_age=2000 bridge.mcast_querier=false bridge.mcast_snooping=true bridge.priority=32768 bridge.stp_state=false" +
				" bridge.vlan_filtering=false carrier=false group=0 kind=bridge master= mtu=1500 name=br0 txqueuelen=1000 up=false",
			"link v0: address=02:00:00:00:00:10 alias=note carrier=true group=7 kind=veth master= mtu=1400 name=v0 txqueuelen=500 up=true veth.peer=v1",
			"link v1: address=02:00:00:00:00:01 alias=a note bridge_port.bcast_flood=true bridge_port.cost=2 bridge_port.fastleave=false bridge_port.flood=true" +
				" bridge_port.guard=false bridge_port.hairpin=true bridge_port.isolated=false bridge_port.learning=true bridge_port.mcast_flood=true" +
				" bridge_port.neigh_suppress=false bridge_port.priority=32 bridge_port.root_block=false" +
				" carrier=true group=0 kind=veth master=br0 mtu=1500 name=v1 txqueuelen=1000 up=true veth.peer=v0",
		}},
		{"address show", unix.RTM_NEWADDR, func(b []byte) (*object.Object, error) { return object.DecodeAddress(b, recordedNames, protocol) }, []string{
			"address 10.0.0.1/24 dev v0: broadcast=10.0.0.255 dev=v0 family=inet label=v0:1 local=10.0.0.1/24 proto=0 updated=653707",
			"address fd00::1/64 dev v0: dev=v0 family=inet6 local=fd00::1/64 proto=0 tentative=true updated=653714",
		}},
		{"-4 route show table all proto 98", unix.RTM_NEWROUTE, decodeRoute, []string{
			"route 192.0.3.0/24 table 7 metric 0: family=inet metric=0 scope=global table=7 to=192.0.3.0/24 type=unreachable",
			"route 10.1.0.0/16 table 1000 metric 200: dev=v0 family=inet metric=200 scope=link src=10.0.0.1 table=1000 to=10.1.0.0/16 type=unicast",
			"route 0.0.0.0/0 table 254 metric 0: dev=v0 family=inet metric=0 scope=global table=254 to=0.0.0.0/0 type=unicast via=10.0.0.9",
			"route 192.0.2.0/24 table 254 metric 0: family=inet metric=0 scope=global table=254 to=192.0.2.0/24 type=blackhole",
		}},
		{"-6 route show table all proto 98", unix.RTM_NEWROUTE, decodeRoute, []string{
			"route fd00:2::/48 table 254 metric 1024: dev=v0 family=inet6 metric=1024 table=254 to=fd00:2::/48 type=unicast via=fd00::9",
			"route fd00:3::/48 table 254 metric 5: family=inet6 metric=5 table=254 to=fd00:3::/48 type=blackhole",
		}},
	} {
		var got []string
		for _, m := range all[c.command] {
			if m.Type != c.typ {
				continue
			}
			o, err := c.decode(m.Body)
			if err != nil {
				t.Fatalf("ip %s: %v", c.command, err)
			}
			got = append(got, drawObject(o))
		}
		for _, want := range c.want {
			if !slices.ContainsFunc(got, func(line string) bool { return hasWords(line, want) }) {
				t.Errorf("ip %s: none with\n%s\namong\n%s", c.command, want, strings.Join(got, "\n"))
			}
		}
	}
}

// hasWords tells whether a line has all words of another.
func hasWords(line, words string) bool {
	have := strings.Fields(line)
	for _, w := range strings.Fields(words) {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}

func decodeRoute(b []byte) (*object.Object, error) {
	return object.DecodeRoute(b, recordedNames, protocol)
}

func drawObject(o *object.Object) string {
	words := []string{o.ID.String() + ":"}
	for _, key := range o.Values.Keys() {
		words = append(words, key+"="+o.Values.Get(key))
	}
	return strings.Join(words, " ")
}

// FuzzDecode gives the decoders the recordings with damages: what comes out is
// an error or an object that makes sense.
func FuzzDecode(f *testing.F) {
	text, err := os.ReadFile("testdata/replies.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if raw, err := hex.DecodeString(strings.TrimSpace(line)); err == nil && len(raw) > unix.SizeofNlMsghdr {
			f.Add(raw[unix.SizeofNlMsghdr:])
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if a, err := object.DecodeAddress(body, recordedNames, protocol); err == nil && a.Local() == "" {
			t.Errorf("an address without sense: %s", drawObject(a))
		}
		if r, err := decodeRoute(body); err == nil && r != nil && r.To() == "" {
			t.Errorf("a route without sense: %s", drawObject(r))
		}
		if l, err := object.DecodeLink(body, recordedNames); err == nil && l.Name == "" {
			t.Errorf("a link without a name: %s", drawObject(l))
		}
	})
}
