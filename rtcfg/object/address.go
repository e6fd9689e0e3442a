package object

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// scopes are rtnetlink's, in iproute2's words.
var scopes = []Word{
	{"global", unix.RT_SCOPE_UNIVERSE}, {"site", unix.RT_SCOPE_SITE}, {"link", unix.RT_SCOPE_LINK},
	{"host", unix.RT_SCOPE_HOST}, {"nowhere", unix.RT_SCOPE_NOWHERE},
}

// addressSpec is an address of a link; see ip-address(8) and linux/if_addr.h.
// Its header is struct ifaddrmsg. Rows that are hidden and automatic are only
// read. What the kernel changes in place (NLM_F_REPLACE) has no cost; of an
// IPv4 address that is its lifetimes and its metric.
var addressSpec = Spec{
	Class: Address, Doc: "addresses of a link, as `ip address`",
	New: unix.RTM_NEWADDR, Del: unix.RTM_DELADDR, Get: unix.RTM_GETADDR, Header: unix.SizeofIfAddrmsg,
	Key: []string{"local", "peer", "dev"}, Replace: true,
	Rows: rowTable{
		{Key: "family", Attr: 0, Wire: Head8, Form: Enum, Enum: families, Hidden: true},
		{Key: "local", Attr: unix.IFA_LOCAL, Wire: Bytes, Form: localPrefix, Len: 1, Doc: "the address with its prefix length"},
		{Key: "address", Attr: unix.IFA_ADDRESS, Wire: Bytes, Form: Prefix, Len: 1, Hidden: true},
		{Key: "peer", Wire: None, Form: IP, Doc: "the other end of a point-to-point link"},
		{Key: "dev", Attr: 4, Wire: Head32, Form: LinkRef, Hidden: true},
		{Key: "broadcast", Attr: unix.IFA_BROADCAST, Wire: Bytes, Form: broadcastIP, Cost: Recreate, Doc: "broadcast address (IPv4); \"+\": the last of the subnet"},
		{Key: "label", Attr: unix.IFA_LABEL, Wire: Text, Form: String, Max: maxLinkName, Cost: Recreate, Doc: "label (IPv4); begins with the link's name"},
		{Key: "scope", Attr: 3, Wire: Head8, Form: Enum, Enum: scopes, Default: "global", Cost: Recreate, Doc: "where the address is valid (IPv4)"},
		{Key: "metric", Attr: unix.IFA_RT_PRIORITY, Wire: U32, Form: Integer, Default: "0", Rare: &Rare{Since: "4.18"}, Doc: "metric of the route to the subnet"},
		{Key: "valid_lft", Attr: unix.IFA_CACHEINFO, Wire: Field32, Off: 4, Size: unix.SizeofIfaCacheinfo, Form: lifetime, Min: 1, Default: "forever", Same: sameLifetime, Unit: "seconds", Doc: "how long the address stays, from its creation on"},
		{Key: "preferred_lft", Attr: unix.IFA_CACHEINFO, Wire: Field32, Off: 0, Size: unix.SizeofIfaCacheinfo, Form: lifetime, Default: "forever", Same: sameLifetime, Unit: "seconds", Doc: "how long new connections use it"},
		{Key: "updated", Attr: unix.IFA_CACHEINFO, Wire: Field32, Off: 12, Size: unix.SizeofIfaCacheinfo, Form: Integer, Hidden: true, Auto: true},
		{Key: "nodad", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_NODAD, Form: Boolean, Default: "false", Doc: "do not look for duplicates (IPv6)"},
		{Key: "optimistic", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_OPTIMISTIC, Form: Boolean, Default: "false", Input: true, Kconfig: "CONFIG_IPV6_OPTIMISTIC_DAD", Doc: "use it while looking for duplicates (IPv6)"},
		{Key: "home", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_HOMEADDRESS, Form: Boolean, Default: "false", Doc: "home address of a mobile node (IPv6)"},
		{Key: "mngtmpaddr", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_MANAGETEMPADDR, Form: Boolean, Default: "false", Doc: "the kernel makes temporary addresses of it (IPv6)"},
		{Key: "noprefixroute", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_NOPREFIXROUTE, Form: Boolean, Default: "false", Cost: Recreate, Doc: "no route to the subnet comes with it"},
		{Key: "autojoin", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_MCAUTOJOIN, Form: Boolean, Default: "false", Cost: Recreate, Doc: "join the multicast group that it is"},
		{Key: "secondary", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_SECONDARY, Form: Boolean, Default: "false", Hidden: true, Auto: true},
		{Key: "tentative", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_TENTATIVE, Form: Boolean, Default: "false", Hidden: true, Auto: true},
		{Key: "dadfailed", Attr: unix.IFA_FLAGS, Wire: BitsU32, Bit: unix.IFA_F_DADFAILED, Form: Boolean, Default: "false", Hidden: true, Auto: true},
		{Key: "proto", Attr: ifaProto, Wire: U8, Form: Integer, Default: "0", Rare: &Rare{Since: "5.18"}, Hidden: true, Auto: true},
	},
	Derive: deriveAddress, Check: checkAddress,
}

// AddressSpec describes the addresses of links. The planner has rules of its own
// for them, so it is not among [Specs].
func AddressSpec() *Spec { return &addressSpec }

// CompareAddresses says what it costs to make have into want; see [Spec.Compare].
// There are changes of an IPv6 address that the kernel does not do well
// (inet6_addr_modify), and an undo does them backwards: it takes no metric back,
// and the route to the subnet of an address that is to be valid for a while,
// and was so for ever, expires at once (seen with 6.18).
func CompareAddresses(want, have Values) (cost Cost, same bool) {
	cost, same = addressSpec.Compare(want, have, nil)
	for _, key := range [...]string{"metric", "valid_lft"} {
		if (want.Get(key) == "") != (have.Get(key) == "") && have.Get("family") == "inet6" {
			cost = Recreate
		}
	}
	return cost, same
}

// deriveAddress: the kernel calls the other end the address, and tells an IPv6
// address that has none by that alone.
func deriveAddress(v Values) {
	if far := v.Get("address"); v.Get("local") == "" {
		v.Set("local", far)
	} else if far != "" {
		v.Set("peer", host(far))
	}
	v.Drop("address")
	if v.Get("peer") == host(v.Get("local")) {
		v.Drop("peer")
	}
	if v.Set("family", textFamily(v.Get("local"))); v.Get("family") == "inet6" {
		v.Drop("scope") // the kernel makes it of the address
	}
	if v.Get("label") == v.Get("dev") {
		v.Drop("label")
	}
	if text := edge(v); text != "" {
		v.Set("broadcast", text)
	} else if v.Get("broadcast") == "+" || v.Get("broadcast") == "-" {
		v.Drop("broadcast")
	}
	if valid := v.Get("valid_lft"); valid != "" {
		setDefault(v, "preferred_lft", valid)
	}
}

// host gives a prefix without its length.
func host(prefix string) string {
	ip, _, _ := strings.Cut(prefix, "/")
	return ip
}

// edge gives what broadcast "+" or "-" means: all bits behind the prefix are one
// or zero. A subnet of one or two addresses has neither.
func edge(v Values) string {
	o := Object{Values: v}
	a, bits := o.Local().Addr(), o.Local().Bits()
	if peer, err := ip.ParseAddr(v.Get("peer")); err == nil {
		a = peer
	}
	ones := v.Get("broadcast") == "+"
	if !ones && v.Get("broadcast") != "-" || !a.Is4() || bits > 30 {
		return ""
	}
	b := a.Bytes()
	for i := bits; i < 32; i++ {
		if bit := byte(0x80) >> (i % 8); ones {
			b[i/8] |= bit
		} else {
			b[i/8] &^= bit
		}
	}
	a, _ = ip.FromBytes(b)
	return a.String()
}

// Local is an address object's address and prefix length.
func (o *Object) Local() ip.Prefix {
	p, _ := ip.ParsePrefix(o.Values.Get("local"))
	return p
}

func (w *Write) address(names Names, protocol uint8) (nlcore.Request, error) {
	v, proto := w.present(), w.Values.Get("proto")
	v.Set("address", v.Get("local"))
	if peer := v.Get("peer"); peer != "" {
		_, bits, _ := strings.Cut(v.Get("local"), "/")
		v.Set("address", peer+"/"+bits)
	}
	v.Set("family", textFamily(v.Get("local")))
	for i := range addressSpec.Rows {
		if r := &addressSpec.Rows[i]; r.Hidden && r.Auto {
			v.Drop(r.Key)
		}
	}
	if v.Set("proto", proto); proto == "" { // another's that comes back stays another's
		v.Set("proto", strconv.Itoa(int(protocol)))
	}
	if w.Op == Delete {
		v.DropFunc(func(key string) bool { return !slices.Contains(addressErase, key) })
	}
	return addressSpec.encode(&Write{Op: w.Op, ID: w.ID, Values: v}, names, protocol)
}

// addressErase are the rows that a deletion names.
var addressErase = []string{"family", "local", "address", "dev"}

// DecodeAddress reads an RTM_NEWADDR message.
func DecodeAddress(body []byte, names Names, protocol uint8) (*Object, error) {
	o, err := addressSpec.decode(body, names, protocol)
	if err != nil {
		return nil, err
	}
	if o.Local() == "" {
		return nil, fmt.Errorf("an address message for %q", o.Values.Get("local"))
	}
	setDefault(o.Values, "proto", "0")
	temporary := o.Values.Get("family") == "inet6" && o.Values.Get("secondary") == "true"
	o.Ours = o.Values.Get("proto") == strconv.Itoa(int(protocol)) && !temporary
	return o, nil
}

// linkAddress reads "192.0.2.1/24" or { local = "192.0.2.1/24", ... }.
func (d *decoder) linkAddress(link *Object, n *conf.Node) {
	near := n
	if n.Kind != conf.Table {
		n = &conf.Node{Kind: conf.Table, Pos: n.Pos, Entries: []conf.Entry{{Key: "local", Pos: n.Pos, Value: n}}}
	} else if near = n.Get("local"); near == nil {
		d.faults.Addf(n.Pos, `add local = "192.0.2.1/24"`, "an address of %q without local", link.Name)
		return
	}
	given := NewValues("dev", link.Name)
	if p, err := ip.ParsePrefix(near.Text); err == nil && p.Addr().Is4() && p.Addr().IsLoopback() {
		given.Set("scope", "host") // as iproute2
	}
	addressSpec.object(d, n, given)
}

// An address's keys that IPv6 does not know, or knows better, with the reason;
// and those that IPv4 does not know.
var (
	onlyIPv4 = [...][2]string{
		{"label", "an IPv6 address has no label"},
		{"broadcast", "an IPv6 address has no broadcast address"},
		{"scope", "an IPv6 address has the scope of its prefix"},
	}
	onlyIPv6 = [...]string{"nodad", "optimistic", "home", "mngtmpaddr"}
)

func checkAddress(o *Object, faults *conf.Faults) {
	v, a, link := o.Values, o.Local().Addr(), o.Values.Get("dev")
	for _, key := range onlyIPv4 {
		if at := o.Where(key[0]); !at.IsZero() && a.Is6() {
			faults.Addf(at, "take it out", "%s", key[1])
		}
	}
	for _, key := range onlyIPv6 {
		if at := o.Where(key); !at.IsZero() && a.Is4() {
			faults.Addf(at, "take it out", "an IPv4 address has no %s", key)
		}
	}
	switch label := v.Get("label"); {
	case a.IsUnspecified() || a.IsMulticast() && v.Get("autojoin") == "":
		faults.Addf(o.Pos, "use a unicast address", "%s cannot be a link's address", a)
	case !a.IsMulticast() && v.Get("autojoin") != "":
		faults.Addf(o.Place("autojoin"), "take out autojoin", "%s is no multicast group to join", a)
	case label != "" && !strings.HasPrefix(label, link+":"):
		faults.Addf(o.Place("label"), fmt.Sprintf("begin it with \"%s:\"", link), "label %q does not belong to link %q", label, link)
	case longer(v.Get("preferred_lft"), v.Get("valid_lft")):
		faults.Addf(o.Place("preferred_lft"), "make it valid_lft or less", "address %s would be preferred for longer than it is valid", a)
	}
	for _, key := range []string{"peer", "broadcast"} {
		if other, err := ip.ParseAddr(v.Get(key)); err == nil && a.Is4() != other.Is4() && (a.Is4() || key == "peer") {
			faults.Addf(o.Place(key), "use addresses of one family", "address %s has a %s %s of the other family", a, key, other)
		}
	}
}
