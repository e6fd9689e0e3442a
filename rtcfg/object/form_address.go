package object

import (
	"math"
	"strconv"
	"strings"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
)

// Forms of the values of addresses.
var (
	localPrefix = &Form{"address with prefix length", texts, parseLocal, packPrefix, unpackPrefix}
	broadcastIP = &Form{"IP address, \"+\" or \"-\"", texts, parseBroadcast, packIP, unpackIP}
	lifetime    = &Form{"seconds or \"forever\"", ints | texts, parseLifetime, packLifetime, unpackLifetime}
)

// parseLocal reads an address with its prefix length.
func parseLocal(_ *Row, n *conf.Node) (string, error) {
	const example = `"192.0.2.1/24"`
	if err := expect(n, conf.String, "an address in quotes, like "+example); err != nil {
		return "", err
	}
	p, err := ip.ParsePrefix(n.Text)
	if err == nil {
		return p.String(), nil
	}
	if strings.Contains(n.Text, "%") {
		return "", wrong(n, "leave out the zone: the address stands in its link's table", "address %q has a zone", n.Text)
	}
	if a, err := ip.ParseAddr(n.Text); err == nil {
		bits := "/64"
		if a.Is4() {
			bits = "/24"
		}
		return "", wrong(n, "write it like \""+n.Text+bits+"\"", "address %q has no prefix length", n.Text)
	}
	return "", wrong(n, "write it like "+example, "%q is not an address with a prefix length", n.Text)
}

func parseBroadcast(r *Row, n *conf.Node) (string, error) {
	if n.Kind == conf.String && (n.Text == "+" || n.Text == "-") {
		return n.Text, nil
	}
	return parseIP(r, n)
}

// forever is INFINITY_LIFE_TIME of net/addrconf.h.
const forever = math.MaxUint32

func parseLifetime(r *Row, n *conf.Node) (string, error) {
	if n.Kind == conf.String && n.Text == "forever" {
		return n.Text, nil
	}
	if n.Kind == conf.String {
		return "", wrong(n, `write seconds without quotes, or "forever"`, "%s %q is no lifetime", r.Key, n.Text)
	}
	v, err := parseNumber(Row{Key: r.Key, Min: r.Min, Max: forever - 1}, n)
	return strconv.FormatUint(v, 10), err
}

// spent marks a lifetime that ran out, or was 0 from the start: "<150" says that
// this was 150 seconds after it began.
const spent = "<"

func packLifetime(_ *Row, text string, _ Names) (value, error) {
	switch {
	case text == "forever":
		return value{num: forever}, nil
	case strings.HasPrefix(text, spent):
		return value{}, nil
	}
	return packInteger(nil, text, nil)
}

func unpackLifetime(_ *Row, v value, _ Names) (string, error) {
	if v.num == forever {
		return "forever", nil
	}
	return strconv.FormatUint(v.num, 10), nil
}

// Rewind turns the lifetimes of an observed address, of which the kernel tells
// what is left, into those that it was given. now is in hundredths of a second
// on the clock of the kernel's time stamps (CLOCK_MONOTONIC).
func (o *Object) Rewind(now uint32) {
	elapsed := max(int32(now-uint32(number(o.Values.Get("updated")))), 0) / 100
	for _, key := range []string{"valid_lft", "preferred_lft"} {
		text, runs := o.Values.Lookup(key)
		switch {
		case !runs:
		case text == "0":
			o.Values.Set(key, spent+strconv.Itoa(int(elapsed)))
		default:
			o.Values.Set(key, strconv.FormatUint(number(text)+uint64(elapsed), 10))
		}
	}
	o.Values.Drop("updated")
}

// sameLifetime compares what an address is to be given with what it was given,
// which is known to the second or two.
func sameLifetime(want, have string) bool {
	if end, out := strings.CutPrefix(have, spent); out {
		return number(want) <= number(end)+2
	}
	return number(want)+2 >= number(have) && number(want) <= number(have)+2
}

// longer compares two lifetimes; "" is forever.
func longer(a, b string) bool {
	return b != "" && (a == "" || number(a) > number(b))
}
