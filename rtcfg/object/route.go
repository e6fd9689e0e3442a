package object

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// routeTypes are the types of routes that the file may ask for, and those that
// are only ever seen.
var routeTypes = []Word{
	{"unicast", unix.RTN_UNICAST}, {"blackhole", unix.RTN_BLACKHOLE}, {"unreachable", unix.RTN_UNREACHABLE},
	{"prohibit", unix.RTN_PROHIBIT}, {"throw", unix.RTN_THROW}, {"local", unix.RTN_LOCAL},
}

// routeRows are the attributes of a route beside its identity (prefix, table,
// metric).
var routeRows = rowTable{
	{Key: "type", Wire: None, Form: Enum, Enum: routeTypes, Doc: "what happens to packets"},
	{Key: "via", Attr: unix.RTA_GATEWAY, Wire: Bytes, Form: IP, Doc: "gateway"},
	{Key: "dev", Attr: unix.RTA_OIF, Wire: U32, Form: LinkRef, Doc: "the link that packets leave by"},
	{Key: "src", Attr: unix.RTA_PREFSRC, Wire: Bytes, Form: IP, Doc: "preferred source address"},
	{Key: "scope", Wire: None, Form: Enum, Enum: scopes, Doc: "how far the destination is (IPv4)"},
	{Key: "metric", Attr: unix.RTA_PRIORITY, Wire: U32, Form: Integer, Doc: "smaller is preferred; IPv6 makes 1024 of 0"},
	{Key: "table", Attr: unix.RTA_TABLE, Wire: U32, Form: Integer, Min: 1, Doc: "routing table; 254 is main"},
}

// RouteRow gives the row of a route's key, or nil.
func RouteRow(key string) *Row { return routeRows.key(key) }

// ipv6Metric is what the kernel makes of metric 0 (IP6_RT_PRIO_USER).
const ipv6Metric = 1024

// setRoute fills in what the kernel makes of what is not said, and the
// identity that follows from it.
func (o *Object) setRoute(to netip.Prefix) {
	v := o.Values
	v["to"] = to.String()
	setDefault(v, "type", "unicast")
	setDefault(v, "table", strconv.Itoa(routeTable(v["type"])))
	setDefault(v, "metric", "0")
	if to.Addr().Is6() {
		delete(v, "scope")
		if v["metric"] == "0" {
			v["metric"] = strconv.Itoa(ipv6Metric)
		}
	} else {
		setDefault(v, "scope", routeScope(v))
	}
	o.ID = ID{Route, fmt.Sprintf("%s table %s metric %s", to, v["table"], v["metric"])}
}

func setDefault(v Values, key, text string) {
	if _, ok := v[key]; !ok {
		v[key] = text
	}
}

// routeTable is iproute2's choice when none is given.
func routeTable(kind string) int {
	if kind == "local" {
		return unix.RT_TABLE_LOCAL
	}
	return unix.RT_TABLE_MAIN
}

// routeScope is iproute2's choice when none is given.
func routeScope(v Values) string {
	switch {
	case v["type"] == "local":
		return "host"
	case v["type"] == "unicast" && v["via"] == "":
		return "link"
	}
	return "global"
}

// To is a route object's destination.
func (o *Object) To() netip.Prefix {
	p, _ := netip.ParsePrefix(o.Values["to"])
	return p
}

func (w *Write) route(names Names, protocol uint8) (nlcore.Request, error) {
	to, err := netip.ParsePrefix(w.Values["to"])
	if err != nil {
		return nlcore.Request{}, err
	}
	header := make([]byte, unix.SizeofRtMsg)
	header[0], header[1] = family(to.Addr()), uint8(to.Bits())
	header[5], header[6], header[7] = protocol, wordValue(scopes, w.Values["scope"]), wordValue(routeTypes, w.Values["type"])
	typ := uint16(unix.RTM_NEWROUTE)
	if w.Op == Delete {
		typ = unix.RTM_DELROUTE
		header[6] = unix.RT_SCOPE_NOWHERE // any
	}
	a := nlcore.NewAttrWriter(header)
	a.Raw(unix.RTA_DST, to.Addr().AsSlice())
	err = routeRows.put(a, w.present(), "", false, names)
	name := func(path []uint16) string { return routeRows.name(path, false) }
	return nlcore.Request{Type: typ, Flags: w.flags(), Body: a.Bytes(), Header: len(header), Name: name}, err
}

// present leaves out values that say "none".
func (w *Write) present() Values {
	v := Values{}
	for key, text := range w.Values {
		if text != "" {
			v[key] = text
		}
	}
	return v
}

func wordValue(words []Word, name string) uint8 {
	for _, w := range words {
		if w.Name == name {
			return uint8(w.Value)
		}
	}
	return 0
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
	o := &Object{ID: ID{Class: Route}, Values: Values{"via": "", "src": ""}, Ours: true}
	o.Values["type"], _ = unpackEnum(routeRows.key("type"), value{num: uint64(body[7])}, nil)
	o.Values["scope"], _ = unpackEnum(routeRows.key("scope"), value{num: uint64(body[6])}, nil)
	attrs := body[unix.SizeofRtMsg:]
	if err := routeRows.get(attrs, o.Values, "", false, names); err != nil {
		return nil, err
	}
	to, err := routeDst(body, attrs)
	if err != nil {
		return nil, err
	}
	o.setRoute(to)
	return o, nil
}

// routeDst reads the destination: no RTA_DST is the default route.
func routeDst(body, attrs []byte) (netip.Prefix, error) {
	ip := netip.IPv4Unspecified()
	if body[0] == unix.AF_INET6 {
		ip = netip.IPv6Unspecified()
	}
	for a, err := range nlcore.Attrs(attrs) {
		if err != nil {
			return netip.Prefix{}, err
		}
		if a.Type != unix.RTA_DST {
			continue
		}
		var ok bool
		if ip, ok = netip.AddrFromSlice(a.Data); !ok {
			return netip.Prefix{}, fmt.Errorf("a route to %d bytes", len(a.Data))
		}
	}
	to := netip.PrefixFrom(ip, int(body[1]))
	if !to.IsValid() {
		return to, fmt.Errorf("a route to %s/%d", ip, body[1])
	}
	return to, nil
}

// Pretty gives a route as `ip route` would write it, any other object as its
// identity.
func (id ID) Pretty(v Values) string {
	if id.Class != Route {
		return id.String()
	}
	words := []string{"route", v["to"]}
	if t := v["type"]; t != "unicast" && t != "" {
		words = append(words, t)
	}
	if strings.HasSuffix(v["to"], "/0") {
		words[1] = "default"
	}
	for _, key := range []string{"via", "dev", "src", "table", "metric"} {
		text := v[key]
		switch {
		case text == "", key == "table" && text == "254", key == "metric" && (text == "0" || text == "1024" && strings.Contains(v["to"], ":")):
			continue
		}
		words = append(words, key, text)
	}
	return strings.Join(words, " ")
}
