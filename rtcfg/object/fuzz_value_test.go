package object_test

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bootlink/rtcfg/object"
)

// samples are values of which each key takes one.
var samples = []string{"1", "2", "8", "100", "true", `"x"`, `"eth0"`, `"1:"`, `"1:10"`, `"192.0.2.0"`, `"192.0.2.1"`, `"2001::"`, `"2001:db8::1"`, `"192.0.2.0/24"`,
	`"192.0.2.1/24"`, `"02:00:00:00:00:01"`, `["192.0.2.1"]`, `["3:5"]`, `["mtu"]`, `["ecn"]`, `[10, { id = 11, weight = 2 }]`, `"10-20"`, `"1mbit"`, `"32kb"`, `"5ms"`, `"0.5%"`,
	`[1,2,2,2,1,2,0,0,1,1,1,1,1,1,1,1]`, `[{ via = "192.0.2.1" }, { dev = "eth0" }]`, `"0x1/0xff"`, `"1/2"`, `"medium"`, `"fq"`, `"htb"`, `"eui64"`, `"blackhole"`, `"global"`,
	`"192.0.2.1:51820"`, `["10.0.0.0/8", "fd00::/8"]`, `"nBxH5zL0bXWx3xjIVFsWJlrYWZ6dmTVzUlC1qCpDdH0="`, `"ingress"`, `"802.1ad"`, `"inet6"`, `"prohibit"`, `"fou"`, `"root"`, `"forever"`}

// bases are what objects must say beside the key that is tried.
var bases = map[string]string{
	"neighbour proxy": `dev = "eth0", to = "192.0.2.1"`, "nexthop blackhole": "id = 10", "nexthop group": "id = 10",
	"nexthop buckets": `id = 10, group = [11], type = "resilient"`, "rule l3mdev": "priority = 7", "rule goto": "priority = 7",
	"rule type": "priority = 7", "route onlink": `to = "10.0.0.0/8", dev = "eth0", via = "192.0.2.1"`, "route type": `to = "10.0.0.0/8"`,
	"sit 6rd-relay_prefix": `local = "192.0.2.1", 6rd-relay_prefixlen = 32`,
	"vlan":                 `link = "eth0", id = 7`, "veth": `peer = "v1"`, "vxlan": "id = 7", "geneve": "id = 7", "vrf": "table = 100", "macvlan": `link = "eth0"`,
	"macvtap": `link = "eth0"`, "ipvlan": `link = "eth0"`, "xfrm": "if_id = 42",
	"peer": `public-key = "nBxH5zL0bXWx3xjIVFsWJlrYWZ6dmTVzUlC1qCpDdH0="`,
	"rule": "priority = 7, table = 100", "nexthop": `id = 10, dev = "eth0"`, "neighbour": `dev = "eth0", to = "192.0.2.1", lladdr = "02:00:00:00:00:01"`,
	"qdisc": `kind = "htb"`, "class": `kind = "htb", classid = "1:10", parent = "1:", rate = "1mbit"`, "bridge vlan": `vid = 10`, "bond": "miimon = 1",
	"gre": `local = "192.0.2.1"`, "gretap": `local = "192.0.2.1"`, "ipip": `local = "192.0.2.1"`, "sit": `local = "192.0.2.1"`, "vti": `local = "192.0.2.1"`,
	"ip6gre": `local = "2001:db8::1"`, "ip6gretap": `local = "2001:db8::1"`, "ip6tnl": `local = "2001:db8::1"`, "vti6": `local = "2001:db8::1"`,
	"qdisc tbf": `kind = "tbf", rate = "1mbit", burst = "32kb", limit = "1mb"`, "class htb": `kind = "htb", classid = "1:10", parent = "1:", rate = "1mbit"`,
}

// A place is a file with the value of a key left out.
type place struct {
	name, before, after string
	samples             []string // that the key's row suggests
}

func (p *place) with(value string) []byte {
	return []byte("version = 1\n" + p.before + value + p.after)
}

// placeOf puts a key into a table, or an inline one that begins in before and
// ends in after. base is what stands in it already, without that key.
func placeOf(name, before, base, key, after string, r *object.Row) place {
	if own, ok := bases[name+" "+key]; ok {
		base = own
	}
	for word := range strings.SplitSeq(base, ", ") {
		if word != "" && !strings.HasPrefix(word, key+" = ") {
			before += word + ", "
		}
	}
	p := place{name: name + " " + key, before: before + key + " = ", after: after}
	if r != nil {
		p.samples = []string{strconv.FormatUint(r.Min, 10)}
		for _, w := range r.Enum {
			p.samples = append(p.samples, `"`+w.Name+`"`)
		}
	}
	return p
}

// places lists a place for each key that a file can have.
func places() (list []place) {
	for _, key := range object.LinkKeys() {
		if key != "name" {
			list = append(list, placeOf("link", "[link.x]\nkind = \"bridge\"\n[link.eth0]\nkind = \"ifb\"\n", "", key, "\n", object.LinkRow(key)))
		}
	}
	for _, k := range object.Kinds() {
		list = append(list, kindPlaces(k)...)
	}
	for _, s := range object.Specs() {
		list = append(list, specPlaces(s)...)
	}
	for _, c := range []struct{ name, before, base, keys string }{
		{"route", "route = [{ ", `to = "10.0.0.0/8", dev = "eth0"`, "dev onlink src table metric scope tos mtu window rtt rttvar ssthresh cwnd advmss reordering hoplimit" +
			" initcwnd initrwnd features rto_min quickack congctl fastopen_no_cookie type realms"},
		{"route", "route = [{ ", `to = "10.0.0.0/8"`, "via nexthops nhid"},
		{"route", "route = [{ ", `to = "10.0.0.0/8", dev = "eth0", mtu = 1400`, "lock"},
		{"route6", "route = [{ ", `to = "fd00::/32", dev = "eth0"`, "from pref via metric"},
		{"address", "[link.x]\n[link.eth0]\naddresses = [{ ", `local = "192.0.2.1/24"`, "local peer broadcast label scope metric valid_lft preferred_lft noprefixroute"},
		{"address6", "[link.x]\n[link.eth0]\naddresses = [{ ", `local = "2001:db8::1/64"`, "local peer nodad home mngtmpaddr optimistic"},
	} {
		for key := range strings.FieldsSeq(c.keys) {
			list = append(list, placeOf(c.name, c.before, c.base, key, " }]\n", nil))
		}
	}
	return list
}

func kindPlaces(k *object.Kind) (list []place) {
	head := "[link.eth0]\n[link.x]\nkind = \"" + k.Name + "\"\n"
	if k.Hardware {
		head = "[link.eth0]\n[link.x]\n"
	}
	for i := range k.Rows {
		if k.Rows[i].Hidden {
			continue
		}
		list = append(list, placeOf(k.Name, head+k.Name+" = { ", bases[k.Name], k.Rows[i].Key, " }\n", &k.Rows[i]))
	}
	for i := range k.Port {
		list = append(list, placeOf(k.Name+"_port", "[link.b]\nkind = \""+k.Name+"\"\n[link.eth0]\nmaster = \"b\"\n"+k.Name+"_port = { ", "", k.Port[i].Key, " }\n", &k.Port[i]))
	}
	return list
}

func specPlaces(s *object.Spec) (list []place) {
	class := string(s.Class)
	before, after := s.Section+" = [{ ", " }]\n"
	switch {
	case s.Class == object.BridgeVLAN:
		class = "bridge vlan"
		before, after = "[link.eth0]\nkind = \"bridge\"\nbridge = { vlans = [{ ", " }] }\n"
	case s.Class == object.WireGuard:
		before, after = "[link.eth0]\nkind = \"wireguard\"\nwireguard = { ", " }\n"
	case s.Class == object.Peer:
		before, after = "[link.eth0]\nkind = \"wireguard\"\nwireguard = { peers = [{ ", " }] }\n"
	case s.Section == "":
		before = "[link.eth0]\n" + class + " = [{ "
	}
	for i := range s.Rows {
		base := bases[class]
		if r := &s.Rows[i]; !r.Hidden {
			list = append(list, placeOf(class, before, base, r.Key, after, r))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Kinds)) {
		base := cmp.Or(bases[class+" "+name], `kind = "`+name+`"`)
		rows := s.Kinds[name].Rows
		for i := range rows {
			if !rows[i].Hidden {
				list = append(list, placeOf(class+" "+name, before, base, rows[i].Key, after, &rows[i]))
			}
		}
	}
	return list
}

// FuzzValue tries values at the place of each key.
func FuzzValue(f *testing.F) {
	all := places()
	for i := range all {
		p, taken := &all[i], false
		for _, value := range append(p.samples, samples...) {
			if _, faults := readBoth(p.with(value), nil); len(faults) == 0 {
				taken = true
				f.Add(uint16(i), value)
			}
		}
		if !taken {
			_, faults := readBoth(p.with(samples[0]), nil)
			f.Errorf("%s takes none of the samples: %v", p.name, faults)
		}
	}
	f.Fuzz(func(t *testing.T, at uint16, value string) {
		text := all[int(at)%len(all)].with(value)
		want, faults := readBoth(text, nil)
		if again, more := readBoth(text, nil); !reflect.DeepEqual(faults, more) || !reflect.DeepEqual(want, again) {
			t.Errorf("%s\nread twice it is not the same: %v, then %v", text, faults, more)
		}
		if len(faults) > 0 {
			return
		}
		for _, o := range want.Objects {
			checkEncodes(t, o)
		}
	})
}
