package object

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// routeTypes are what the file may ask for.
var routeTypes = []Word{
	{"unicast", unix.RTN_UNICAST}, {"local", unix.RTN_LOCAL}, {"broadcast", unix.RTN_BROADCAST}, {"anycast", unix.RTN_ANYCAST}, {"multicast", unix.RTN_MULTICAST},
	{"blackhole", unix.RTN_BLACKHOLE}, {"unreachable", unix.RTN_UNREACHABLE}, {"prohibit", unix.RTN_PROHIBIT}, {"throw", unix.RTN_THROW},
}

var preferences = []Word{{"low", 3}, {"medium", 0}, {"high", 1}} // RFC 4191

// routeSpec is a route; see ip-route(8) and linux/rtnetlink.h. Its header is
// struct rtmsg. The kernel replaces a route of the same identity in place,
// whatever its type and however many ways it has.
var routeSpec = Spec{
	Class: Route, Section: "route", Doc: "routes, as `ip route`",
	New: unix.RTM_NEWROUTE, Del: unix.RTM_DELROUTE, Get: unix.RTM_GETROUTE, Header: unix.SizeofRtMsg,
	Key: []string{"to", "from", "tos", "table", "metric"}, Replace: true,
	Mark: Row{Key: "protocol", Attr: 5, Wire: Head8, Form: Integer},
	Rows: rowTable{
		{Key: "family", Attr: 0, Wire: Head8, Form: Enum, Enum: families, Hidden: true},
		{Key: "to", Attr: unix.RTA_DST, Wire: Bytes, Form: destination, Len: 1, Rare: &Rare{Need: `to = "default" or to = "10.0.0.0/8"`}, Doc: "destination"},
		{Key: "from", Attr: unix.RTA_SRC, Wire: Bytes, Form: Prefix, Len: 2, Default: "::/0", Kconfig: "CONFIG_IPV6_SUBTREES", Doc: "only for packets from there (IPv6)"},
		{Key: "type", Attr: 7, Wire: Head8, Form: Enum, Enum: routeTypes, Doc: "what happens to packets"},
		{Key: "via", Attr: unix.RTA_GATEWAY, Wire: Bytes, Form: IP, Doc: "gateway; of an IPv4 route also an IPv6 one (5.2)"},
		{Key: "gateway", Attr: unix.RTA_VIA, Wire: Bytes, Form: farGateway, Hidden: true},
		{Key: "dev", Attr: unix.RTA_OIF, Wire: U32, Form: LinkRef, Auto: true, Doc: "the link that packets leave by"},
		{Key: "nexthops", Attr: unix.RTA_MULTIPATH, Wire: Bytes, Form: waysForm, Same: sameWays, Kconfig: "CONFIG_IP_ROUTE_MULTIPATH", Doc: "several ways: [{ via = \"192.0.2.1\", dev = \"wan\", weight = 2, onlink = true }, ...]"},
		{Key: "nhid", Attr: rtaNHID, Wire: U32, Form: Integer, Min: 1, Rare: &Rare{Refers: Nexthop, Since: "5.3"}, Doc: "a [[nexthop]] instead of gateway and link"},
		{Key: "onlink", Attr: 8, Wire: HeadBits, Bit: unix.RTNH_F_ONLINK, Form: Boolean, Default: "false", Doc: "the gateway is on the link although no address says so"},
		{Key: "src", Attr: unix.RTA_PREFSRC, Wire: Bytes, Form: IP, Doc: "preferred source address"},
		{Key: "table", Attr: unix.RTA_TABLE, Wire: U32, Form: Table, Doc: "routing table"},
		{Key: "metric", Attr: unix.RTA_PRIORITY, Wire: U32, Form: Integer, Doc: "smaller is preferred; IPv6 makes 1024 of 0"},
		{Key: "scope", Attr: 6, Wire: Head8, Form: Enum, Enum: scopes, Doc: "how far the destination is (IPv4)"},
		{Key: "tos", Attr: 3, Wire: Head8, Form: Code, Default: "0", Doc: "only for this type of service (IPv4)"},
		{Key: "pref", Attr: unix.RTA_PREF, Wire: U8, Form: Enum, Enum: preferences, Default: "medium", Doc: "preference among routers (IPv6)"},
		{Key: "realms", Attr: unix.RTA_FLOW, Wire: U32, Form: realms, Kconfig: "CONFIG_IP_ROUTE_CLASSID", Doc: "realm, or from/to (IPv4)"},
		{Key: "mtu", Nest: unix.RTA_METRICS, Attr: unix.RTAX_MTU, Wire: U32, Form: Integer, Max: 65520, Default: "0", Unit: "bytes", Doc: "largest packet on the way; locked: not even less"},
		{Key: "window", Nest: unix.RTA_METRICS, Attr: unix.RTAX_WINDOW, Wire: U32, Form: Integer, Default: "0", Unit: "bytes", Doc: "largest window that TCP announces"},
		{Key: "rtt", Nest: unix.RTA_METRICS, Attr: unix.RTAX_RTT, Wire: U32, Form: delay, Enum: eighths, Default: "0", Doc: "first guess of the round-trip time, like \"30ms\""},
		{Key: "rttvar", Nest: unix.RTA_METRICS, Attr: unix.RTAX_RTTVAR, Wire: U32, Form: delay, Enum: quarters, Default: "0", Doc: "first guess of its variance, like \"5ms\""},
		{Key: "ssthresh", Nest: unix.RTA_METRICS, Attr: unix.RTAX_SSTHRESH, Wire: U32, Form: Integer, Default: "0", Unit: "segments", Doc: "first slow start threshold"},
		{Key: "cwnd", Nest: unix.RTA_METRICS, Attr: unix.RTAX_CWND, Wire: U32, Form: Integer, Default: "0", Unit: "segments", Doc: "largest congestion window, if locked"},
		{Key: "advmss", Nest: unix.RTA_METRICS, Attr: unix.RTAX_ADVMSS, Wire: U32, Form: Integer, Max: 65495, Default: "0", Unit: "bytes", Doc: "segment size that TCP announces"},
		{Key: "reordering", Nest: unix.RTA_METRICS, Attr: unix.RTAX_REORDERING, Wire: U32, Form: Integer, Default: "0", Doc: "how much reordering is to be expected"},
		{Key: "hoplimit", Nest: unix.RTA_METRICS, Attr: unix.RTAX_HOPLIMIT, Wire: U32, Form: Integer, Max: 255, Default: "0", Doc: "hop limit or time to live"},
		{Key: "initcwnd", Nest: unix.RTA_METRICS, Attr: unix.RTAX_INITCWND, Wire: U32, Form: Integer, Default: "0", Unit: "segments", Doc: "first congestion window"},
		{Key: "initrwnd", Nest: unix.RTA_METRICS, Attr: unix.RTAX_INITRWND, Wire: U32, Form: Integer, Default: "0", Unit: "segments", Doc: "first receive window"},
		{Key: "features", Nest: unix.RTA_METRICS, Attr: unix.RTAX_FEATURES, Wire: U32, Form: wordSet, Enum: features, Doc: "TCP features to use: [\"ecn\"]"},
		{Key: "rto_min", Nest: unix.RTA_METRICS, Attr: unix.RTAX_RTO_MIN, Wire: U32, Form: delay, Enum: wholes, Default: "0", Doc: "least retransmission timeout, like \"200ms\""},
		{Key: "quickack", Nest: unix.RTA_METRICS, Attr: unix.RTAX_QUICKACK, Wire: U32, Form: Boolean, Default: "false", Doc: "acknowledge at once"},
		{Key: "congctl", Nest: unix.RTA_METRICS, Attr: unix.RTAX_CC_ALGO, Wire: Text, Form: String, Max: 15, Doc: "TCP congestion control"},
		{Key: "fastopen_no_cookie", Nest: unix.RTA_METRICS, Attr: unix.RTAX_FASTOPEN_NO_COOKIE, Wire: U32, Form: Boolean, Default: "false", Rare: &Rare{Since: "4.15"}, Doc: "TCP fast open without a cookie"},
		{Key: "lock", Nest: unix.RTA_METRICS, Attr: unix.RTAX_LOCK, Wire: U32, Form: wordSet, Enum: lockable, Doc: "which of these the kernel must not change: [\"mtu\"]"},
	},
	Derive: deriveRoute, Check: checkRoute,
}

var features = []Word{{"ecn", unix.RTAX_FEATURE_ECN}, {"tcp_usec_ts", unix.RTAX_FEATURE_TCP_USEC_TS}}

// lockable are the metrics by the bit that locks them.
var lockable = []Word{
	{"mtu", 1 << unix.RTAX_MTU}, {"window", 1 << unix.RTAX_WINDOW}, {"rtt", 1 << unix.RTAX_RTT}, {"rttvar", 1 << unix.RTAX_RTTVAR},
	{"ssthresh", 1 << unix.RTAX_SSTHRESH}, {"cwnd", 1 << unix.RTAX_CWND}, {"advmss", 1 << unix.RTAX_ADVMSS}, {"reordering", 1 << unix.RTAX_REORDERING},
	{"hoplimit", 1 << unix.RTAX_HOPLIMIT}, {"initcwnd", 1 << unix.RTAX_INITCWND}, {"features", 1 << unix.RTAX_FEATURES}, {"rto_min", 1 << unix.RTAX_RTO_MIN},
	{"initrwnd", 1 << unix.RTAX_INITRWND}, {"quickack", 1 << unix.RTAX_QUICKACK}, {"congctl", 1 << unix.RTAX_CC_ALGO}, {"fastopen_no_cookie", 1 << unix.RTAX_FASTOPEN_NO_COOKIE},
}

// RouteSpec describes routes. The planner has rules of its own for them, so it
// is not among [Specs].
func RouteSpec() *Spec { return &routeSpec }

// ipv6Metric is what the kernel makes of metric 0 (IP6_RT_PRIO_USER).
const ipv6Metric = 1024

// routeErase are the rows that a deletion names, beside our protocol number.
var routeErase = []string{"family", "to", "from", "tos", "table", "metric", "type", "scope"}

// deriveRoute fills in what iproute2 and the kernel make of what is not said,
// and leaves out what the kernel says although it follows from something else.
func deriveRoute(v Values) {
	if to := v.Get("to"); to == "" || to == "default" { // the kernel tells no destination
		setDefault(v, "family", textFamily(v.Get("via"), v.Get("src"), v.Get("from"), v.Get("nexthops")))
		if v.Set("to", "0.0.0.0/0"); v.Get("family") == "inet6" {
			v.Set("to", "::/0")
		}
	}
	v.Set("family", textFamily(v.Get("to")))
	if via := v.Get("gateway"); via != "" {
		v.Set("via", via)
	}
	v.Drop("gateway")
	setDefault(v, "type", "unicast")
	switch {
	case v.Get("nhid") != "": // the kernel shows what that is at the moment
		v.Set("type", "unicast")
		drop(v, "via", "dev", "onlink", "nexthops")
	case v.Get("nexthops") != "":
		drop(v, "via", "dev", "onlink")
		v.Set("nexthops", settleWays(v.Get("nexthops"), v.Get("family")))
	}
	setDefault(v, "table", strconv.Itoa(routeTable(v.Get("type"))))
	setDefault(v, "metric", "0")
	if v.Get("family") == "inet" {
		setDefault(v, "scope", routeScope(v))
	} else {
		deriveIPv6Route(v)
	}
	if text := v.Get("rto_min"); text != "" && text != "0" { // it counts only if it is locked
		v.Set("lock", addWord(lockable, v.Get("lock"), "rto_min"))
	}
}

func deriveIPv6Route(v Values) {
	drop(v, "scope")
	if v.Get("metric") == "0" {
		v.Set("metric", strconv.Itoa(ipv6Metric))
	}
	if refusing(v) { // the kernel shows lo
		drop(v, "dev")
	}
}

func setDefault(v Values, key, text string) {
	if !v.Has(key) {
		v.Set(key, text)
	}
}

func drop(v Values, keys ...string) {
	for _, key := range keys {
		v.Drop(key)
	}
}

// refusing tells a route that leads nowhere on purpose.
func refusing(v Values) bool {
	switch v.Get("type") {
	case "blackhole", "unreachable", "prohibit", "throw":
		return true
	}
	return false
}

// routeTable is iproute2's choice when none is given.
func routeTable(kind string) int {
	switch kind {
	case "local", "broadcast", "anycast":
		return unix.RT_TABLE_LOCAL
	}
	return unix.RT_TABLE_MAIN
}

// routeScope is iproute2's choice when none is given.
func routeScope(v Values) string {
	switch typ := v.Get("type"); {
	case typ == "local":
		return "host"
	case typ == "broadcast" || typ == "multicast" || typ == "anycast":
		return "link"
	case typ == "unicast" && v.Get("via") == "" && v.Get("nexthops") == "" && v.Get("nhid") == "":
		return "link"
	}
	return "global"
}

// To is a route object's destination.
func (o *Object) To() ip.Prefix {
	p, _ := ip.ParsePrefix(o.Values.Get("to"))
	return p
}

func (w *Write) route(names Names, protocol uint8) (nlcore.Request, error) {
	v := w.present()
	v.Set("family", textFamily(v.Get("to")))
	if via := v.Get("via"); via != "" && textFamily(via) != v.Get("family") {
		v.Set("gateway", via)
		v.Drop("via")
	}
	if w.Op == Delete {
		v.Set("scope", "nowhere") // any
		v = (&Write{Values: v}).only(routeErase)
	}
	return routeSpec.encode(&Write{Op: w.Op, ID: w.ID, Values: v}, names, protocol)
}

// present leaves out values that say "none".
func (w *Write) present() Values {
	v := roomFor(w.Values.Len() + 1)
	for _, p := range w.Values.Pairs() {
		if p.Text != "" {
			v.list = append(v.list, p)
		}
	}
	return v
}

// RouteDump asks for the routes of one protocol. With strict checking the
// kernel itself leaves out the others.
func RouteDump(family, protocol uint8) nlcore.Request {
	header := make([]byte, unix.SizeofRtMsg)
	header[0], header[5] = family, protocol
	return nlcore.Request{Type: unix.RTM_GETROUTE, Body: header, Header: len(header), Label: "list routes"}
}

// DecodeRoute reads an RTM_NEWROUTE message. It gives nil for a route that is
// not of this protocol (kernels without strict checking send all) or that is a
// cached clone.
func DecodeRoute(body []byte, names Names, protocol uint8) (*Object, error) {
	if len(body) < unix.SizeofRtMsg {
		return nil, fmt.Errorf("a route message of %d bytes", len(body))
	}
	if body[5] != protocol || binary.NativeEndian.Uint32(body[8:])&unix.RTM_F_CLONED != 0 {
		return nil, nil
	}
	o, err := routeSpec.decode(body, names, protocol)
	if err == nil && o.To() == "" {
		err = fmt.Errorf("a route to %s", o.Values.Get("to"))
	}
	return o, err
}

// routesOnly are a route's keys that only one of the families knows.
var routesOnly = [...]struct{ key, family, not string }{
	{"from", "inet6", "IPv4"}, {"pref", "inet6", "IPv4"}, {"scope", "inet", "IPv6"}, {"tos", "inet", "IPv6"}, {"realms", "inet", "IPv6"},
}

func checkRoute(o *Object, faults *conf.Faults) {
	v, to := o.Values, o.Values.Get("to")
	ways := 0
	for _, keys := range [][]string{{"via", "dev", "onlink"}, {"nexthops"}, {"nhid"}} {
		for _, key := range keys {
			if !o.Where(key).IsZero() {
				ways++
				break
			}
		}
	}
	switch {
	case ways > 1:
		faults.Addf(o.Pos, "keep one of them", "route to %s has more than one of a gateway or link, nexthops, nhid", to)
	case ways == 0 && v.Get("type") == "unicast":
		faults.Addf(o.Pos, `add via = "..." or dev = "..."`, "route to %s leads nowhere", to)
	case ways > 0 && refusing(v):
		faults.Addf(o.Pos, "take out via and dev", "a %s route has no way to go", v.Get("type"))
	case v.Get("nhid") != "" && !o.Where("type").IsZero():
		faults.Addf(o.Place("type"), "take it out", "route to %s has the type of its next hop", to)
	case v.Get("onlink") != "" && (v.Get("via") == "" || v.Get("dev") == ""):
		faults.Addf(o.Place("onlink"), `add via and dev`, "route to %s is onlink without a gateway and a link", to)
	case v.Get("realms") != "" && v.Get("nexthops") != "":
		faults.Addf(o.Place("realms"), "take it out", "route to %s has realms and several ways", to)
	}
	for _, only := range routesOnly {
		if at := o.Where(only.key); !at.IsZero() && v.Get("family") != only.family {
			faults.Addf(at, "take it out", "an %s route has no %s", only.not, only.key)
		}
	}
	for _, word := range strings.Fields(v.Get("lock")) {
		if v.Get(word) == "" {
			faults.Addf(o.Place("lock"), "add "+word+" = ...", "route to %s locks %s, which it does not set", to, word)
		}
	}
	checkRouteFamilies(o, faults)
}

// checkRouteFamilies: only a gateway of an IPv4 route may be of the other family.
func checkRouteFamilies(o *Object, faults *conf.Faults) {
	v := o.Values
	check := func(key, ip string) {
		if f := textFamily(ip); f != "" && f != v.Get("family") {
			faults.Addf(o.Place(key), "use addresses of one family", "route to %s has %s %s of the other family", v.Get("to"), key, ip)
		}
	}
	check("src", v.Get("src"))
	key := "nexthops"
	if v.Get("via") != "" {
		key = "via"
	}
	if v.Get("family") == "inet6" {
		for _, w := range Ways(v) {
			check(key, w.Via)
		}
	}
}

// Pretty gives a route as `ip route` would write it, any other object as its
// identity.
func (id ID) Pretty(v Values) string {
	if id.Class != Route {
		return id.String()
	}
	words := []string{"route", v.Get("to")}
	if strings.HasSuffix(v.Get("to"), "/0") {
		words[1] = "default"
	}
	if t := v.Get("type"); t != "unicast" && t != "" {
		words = order.Also(words, t)
	}
	for i := range routeSpec.Rows {
		r := &routeSpec.Rows[i]
		switch text := v.Get(r.Key); {
		case text == "" || r.Hidden || r.Key == "to" || r.Key == "type" || r.Key == "table" && text == "254",
			r.Key == "metric" && (text == "0" || text == "1024" && v.Get("family") == "inet6"), r.Key == "scope" && text == routeScope(v):
		case r.Key == "nexthops":
			words = order.Also(words, "nexthop "+strings.ReplaceAll(text, waySep, " nexthop "))
		default:
			words = order.Also(words, r.Key, text)
		}
	}
	return strings.Join(words, " ")
}
