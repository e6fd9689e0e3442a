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

// Forms of the values of routes.
var (
	destination = &Form{"prefix or \"default\"", texts, parseDestination, packPrefix, unpackPrefix}
	farGateway  = &Form{"IP address of the other family", texts, parseIP, packFar, unpackFar}
	realms      = &Form{"realm or from/to", ints | texts, parseRealms, packRealms, unpackRealms}
	wordSet     = &Form{"list of words", lists | texts, parseWordSet, packWordSet, unpackWordSet}
	delay       = &Form{"time", ints | texts, parseDelay, packDelay, unpackDelay}
)

func parseDestination(r *Row, n *conf.Node) (string, error) {
	if n.Kind == conf.String && n.Text == "default" {
		return n.Text, nil
	}
	return parsePrefix(r, n)
}

// packFar makes struct rtvia: u16 family, address.
func packFar(_ *Row, text string, _ Names) (v value, err error) {
	a, err := ip.ParseAddr(text)
	if err != nil {
		return v, err
	}
	family := uint16(unix.AF_INET6)
	if a.Is4() {
		family = unix.AF_INET
	}
	v.raw = append(binary.NativeEndian.AppendUint16(nil, family), a.Bytes()...)
	return v, nil
}

func unpackFar(_ *Row, v value, _ Names) (string, error) {
	return unpackIP(nil, value{raw: v.raw[min(2, len(v.raw)):]}, nil)
}

func parseRealms(r *Row, n *conf.Node) (string, error) {
	from, to, both := strings.Cut(n.Text, "/")
	if !both {
		from, to = "0", n.Text
	}
	a, err1 := strconv.ParseUint(from, 0, 16)
	b, err2 := strconv.ParseUint(to, 0, 16)
	if n.Kind != conf.Integer && n.Kind != conf.String || err1 != nil || err2 != nil || a+b == 0 {
		return "", wrong(n, `write a number up to 65535, or two like "1/2"`, "%s %q is not a realm", r.Key, n.Text)
	}
	return unpackRealms(nil, value{num: a<<16 | b}, nil)
}

func packRealms(_ *Row, text string, _ Names) (value, error) {
	from, to, both := strings.Cut(text, "/")
	if !both {
		from, to = "0", text
	}
	return value{num: number(from)<<16 | number(to)}, nil
}

func unpackRealms(_ *Row, v value, _ Names) (string, error) {
	to := strconv.FormatUint(v.num&0xffff, 10)
	if v.num>>16 == 0 {
		return to, nil
	}
	return strconv.FormatUint(v.num>>16, 10) + "/" + to, nil
}

// The units of delays: TCP counts in milliseconds, and in parts of them.
var (
	wholes   = []Word{{"ms", 1}, {"s", 1000}}
	quarters = []Word{{"ms", 4}, {"s", 4000}}
	eighths  = []Word{{"ms", 8}, {"s", 8000}}
)

// parseDelay reads "30ms" or "1s"; a number alone is what the kernel counts in.
func parseDelay(r *Row, n *conf.Node) (string, error) {
	if n.Kind != conf.String {
		v, err := parseNumber(*r, n)
		if err != nil {
			return "", err
		}
		return unpackDelay(r, value{num: v}, nil)
	}
	for _, unit := range r.Enum {
		digits, ok := strings.CutSuffix(n.Text, unit.Name)
		if v, err := strconv.ParseUint(digits, 10, 32); ok && err == nil && v*unit.Value <= r.max() {
			return unpackDelay(r, value{num: v * unit.Value}, nil)
		}
	}
	return "", wrong(n, `write it like "30ms" or "1s"`, "%s %q is not a time", r.Key, n.Text)
}

func packDelay(r *Row, text string, _ Names) (value, error) {
	if ms, whole := strings.CutSuffix(text, "ms"); whole {
		return value{num: number(ms) * r.Enum[0].Value}, nil
	}
	return packInteger(r, text, nil)
}

// unpackDelay gives whole milliseconds, or what the kernel counts in.
func unpackDelay(r *Row, v value, _ Names) (string, error) {
	if ms := r.Enum[0].Value; v.num%ms == 0 && v.num > 0 {
		return strconv.FormatUint(v.num/ms, 10) + "ms", nil
	}
	return strconv.FormatUint(v.num, 10), nil
}

// parseWordSet gives the words in the order of the row's.
func parseWordSet(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.Array, `a list like ["`+r.Enum[0].Name+`"]`); err != nil {
		return "", err
	}
	set := ""
	for _, item := range n.Items {
		word, err := parseEnum(r, item)
		if err != nil {
			return "", err
		}
		set = addWord(r.Enum, set, word)
	}
	return set, nil
}

// addWord puts a word into a set.
func addWord(words []Word, set, word string) string {
	r := &Row{Enum: words}
	v, _ := packWordSet(r, set+" "+word, nil)
	text, _ := unpackWordSet(r, v, nil)
	return text
}

func packWordSet(r *Row, text string, _ Names) (v value, err error) {
	for _, word := range strings.Fields(text) {
		bit, err := packEnum(r, word, nil)
		if err != nil {
			return v, err
		}
		v.num |= bit.num
	}
	return v, nil
}

// unpackWordSet gives bits that have no word as a number.
func unpackWordSet(r *Row, v value, _ Names) (string, error) {
	var words []string
	for _, w := range r.Enum {
		if v.num&w.Value != 0 {
			words = order.Also(words, w.Name)
			v.num &^= w.Value
		}
	}
	if v.num != 0 {
		words = order.Also(words, strconv.FormatUint(v.num, 10))
	}
	return strings.Join(words, " "), nil
}

// waysForm is an array of struct rtnexthop {u16 length; u8 flags, weight - 1;
// s32 link}, each with its attributes. The text is iproute2's: "via 10.0.0.2 dev
// wan weight 2 onlink, via inet6 fe80::1 dev lan", sorted: the kernel keeps an
// order that means nothing.
var waysForm = &Form{"list of ways", lists | tables, parseWays, packWays, unpackWays}

const waySep = ", "

// A Way is one of the ways that a route leads.
type Way struct {
	Via, Dev string // "" where it has none

	weight uint64
	onlink bool
	far    bool // an IPv6 gateway of an IPv4 route
}

// Ways lists the ways of a route: one, those of its nexthops, or none if it
// refuses packets or has a next hop object.
func Ways(v Values) []Way {
	if text := v.Get("nexthops"); text != "" {
		return parseWayTexts(text)
	}
	if v.Get("via") == "" && v.Get("dev") == "" {
		return nil
	}
	return []Way{{Via: v.Get("via"), Dev: v.Get("dev")}}
}

// SetWays gives the values with other links on their ways: what the file does not say and
// the planner knows. Their number and order is that of [Ways].
func SetWays(v Values, ways []Way) {
	if v.Get("nexthops") == "" {
		v.Set("dev", ways[0].Dev)
		return
	}
	v.Set("nexthops", wayTexts(ways))
}

func wayTexts(ways []Way) string {
	texts := make([]string, len(ways))
	for i, w := range ways {
		texts[i] = w.text()
	}
	order.Strings(texts)
	return strings.Join(texts, waySep)
}

func (w Way) text() string {
	var words []string
	if w.Via != "" {
		words = order.Also(words, "via")
		if w.far {
			words = order.Also(words, "inet6")
		}
		words = order.Also(words, w.Via)
	}
	if w.Dev != "" {
		words = order.Also(words, "dev", w.Dev)
	}
	if w.weight > 1 {
		words = order.Also(words, "weight", strconv.FormatUint(w.weight, 10))
	}
	if w.onlink {
		words = order.Also(words, "onlink")
	}
	return strings.Join(words, " ")
}

func parseWayTexts(text string) (ways []Way) {
	for _, item := range strings.Split(text, waySep) {
		w, key := Way{weight: 1}, ""
		for _, word := range strings.Fields(item) {
			switch {
			case word == "onlink":
				w.onlink = true
			case key == "via" && word == "inet6":
				w.far = true
				continue
			case key == "via":
				w.Via = word
			case key == "dev":
				w.Dev = word
			case key == "weight":
				w.weight = number(word)
			default:
				key = word
				continue
			}
			key = ""
		}
		ways = append(ways, w)
	}
	return ways
}

// settleWays gives IPv6 gateways of an IPv4 route their word.
func settleWays(text, family string) string {
	ways := parseWayTexts(text)
	for i := range ways {
		ways[i].far = family == "inet" && strings.Contains(ways[i].Via, ":")
	}
	return wayTexts(ways)
}

// sameWays: the kernel chooses the link of a gateway that has none.
func sameWays(want, have string) bool {
	ways, others := parseWayTexts(want), parseWayTexts(have)
	for i := range min(len(ways), len(others)) {
		if ways[i].Dev == "" {
			others[i].Dev = ""
		}
		if ways[i] != others[i] {
			return false
		}
	}
	return len(ways) == len(others)
}

func renameWays(text string, r Renames) string {
	if text == "" {
		return ""
	}
	ways := parseWayTexts(text)
	for i := range ways {
		ways[i].Dev = r.of(ways[i].Dev)
	}
	return wayTexts(ways)
}

var wayRows = rowTable{
	{Key: "via", Form: IP, Doc: "gateway"},
	{Key: "dev", Form: LinkRef, Doc: "the link that packets leave by"},
	{Key: "weight", Form: Integer, Min: 1, Max: 256, Default: "1", Doc: "its share of the flows"},
	{Key: "onlink", Form: Boolean, Default: "false", Doc: "the gateway is on the link although no address says so"},
}

func parseWays(r *Row, n *conf.Node) (string, error) {
	const example = `write [{ via = "192.0.2.1", weight = 2 }, { via = "192.0.2.2" }]`
	if err := expect(n, conf.Array, example[len("write "):]); err != nil {
		return "", err
	}
	var ways []Way
	for _, item := range n.Items {
		w, err := parseWay(item)
		if err != nil {
			return "", err
		}
		ways = append(ways, w)
	}
	if len(ways) < 2 {
		return "", wrong(n, "write via and dev instead, or add another", "nexthops are two or more")
	}
	return wayTexts(ways), nil
}

func parseWay(n *conf.Node) (w Way, err error) {
	if err := expect(n, conf.Table, `{ via = "192.0.2.1" }`); err != nil {
		return w, err
	}
	v := NewValues("weight", "1")
	for _, e := range n.Entries {
		r := wayRows.key(e.Key)
		if r == nil {
			return w, wrong(e.Value, "known here: via, dev, weight, onlink", "unknown key %q", e.Key)
		}
		text, err := r.Parse(e.Value)
		if err != nil {
			return w, err
		}
		v.Set(e.Key, text)
	}
	w = Way{Via: v.Get("via"), Dev: v.Get("dev"), weight: number(v.Get("weight")), onlink: v.Get("onlink") == "true"}
	switch {
	case w.Via == "" && w.Dev == "":
		return w, wrong(n, `add via = "..." or dev = "..."`, "one of the nexthops leads nowhere")
	case w.onlink && (w.Via == "" || w.Dev == ""):
		return w, wrong(n, "add via and dev", "one of the nexthops is onlink without a gateway and a link")
	}
	return w, nil
}

// wayAttrs are the attributes of struct rtnexthop.
var wayAttrs = rowTable{{Key: "via", Attr: unix.RTA_GATEWAY, Wire: Bytes, Form: IP}, {Key: "far", Attr: unix.RTA_VIA, Wire: Bytes, Form: farGateway}}

func packWays(_ *Row, text string, names Names) (v value, err error) {
	for _, w := range parseWayTexts(text) {
		raw, err := w.pack(names)
		if err != nil {
			return v, err
		}
		v.raw = append(v.raw, raw...)
	}
	return v, nil
}

func (w Way) pack(names Names) ([]byte, error) {
	a := nlcore.NewAttrWriter(make([]byte, unix.SizeofRtNexthop))
	attrs := NewValues()
	if w.far {
		attrs.Set("far", w.Via)
	} else if w.Via != "" {
		attrs.Set("via", w.Via)
	}
	if err := wayAttrs.put(a, attrs, "", false, names); err != nil {
		return nil, err
	}
	dev, err := packLink(nil, w.Dev, names)
	if err != nil {
		return nil, err
	}
	raw := a.Bytes()
	binary.NativeEndian.PutUint16(raw, uint16(len(raw)))
	if w.onlink {
		raw[2] = unix.RTNH_F_ONLINK
	}
	raw[3] = uint8(w.weight - 1)
	binary.NativeEndian.PutUint32(raw[4:], uint32(dev.num))
	return raw, a.Err()
}

func unpackWays(_ *Row, v value, names Names) (string, error) {
	var ways []Way
	for raw := v.raw; len(raw) >= unix.SizeofRtNexthop; {
		size := int(binary.NativeEndian.Uint16(raw))
		if size < unix.SizeofRtNexthop || size > len(raw) {
			return "", fmt.Errorf("a next hop of %d bytes in %d: %w", size, len(raw), unix.EBADMSG)
		}
		attrs := NewValues()
		if err := wayAttrs.get(raw[unix.SizeofRtNexthop:size], attrs, "", false, names); err != nil {
			return "", err
		}
		ways = append(ways, Way{Via: attrs.Get("via") + attrs.Get("far"), Dev: names.Name(binary.NativeEndian.Uint32(raw[4:])), weight: uint64(raw[3]) + 1,
			onlink: raw[2]&unix.RTNH_F_ONLINK != 0})
		raw = raw[min((size+3)&^3, len(raw)):]
	}
	return wayTexts(ways), nil
}
