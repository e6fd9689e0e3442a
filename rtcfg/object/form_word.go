package object

import (
	"fmt"
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// Code is a number that may have a word; Table a routing table; LinkName a
// link's name that no link need have yet.
var (
	Code     = &Form{"number or word", ints | texts, parseCode, packEnum, unpackEnum}
	Table    = &Form{"routing table", ints | texts, parseTable, packInteger, unpackInteger}
	LinkName = &Form{"link's name", texts, parseLinkName, packString, unpackString}
)

var ipProtocols = []Word{
	{"icmp", unix.IPPROTO_ICMP}, {"tcp", unix.IPPROTO_TCP}, {"udp", unix.IPPROTO_UDP}, {"gre", unix.IPPROTO_GRE}, {"esp", unix.IPPROTO_ESP},
	{"ah", unix.IPPROTO_AH}, {"ipv6-icmp", unix.IPPROTO_ICMPV6}, {"sctp", unix.IPPROTO_SCTP},
}

// tableNames are the kernel's own; every other table has a number.
var tableNames = []Word{{"default", unix.RT_TABLE_DEFAULT}, {"main", unix.RT_TABLE_MAIN}, {"local", unix.RT_TABLE_LOCAL}}

// parseCode gives the word where the number has one.
func parseCode(r *Row, n *conf.Node) (string, error) {
	var v uint64
	var err error
	switch n.Kind {
	case conf.Integer:
		v, err = parseNumber(*r, n)
	case conf.String:
		if v, err = strconv.ParseUint(n.Text, 0, 32); err == nil && v <= r.max() {
			break
		}
		var packed value
		if packed, err = packEnum(r, n.Text, nil); err != nil || packed.num > r.max() {
			return "", wrong(n, codeHint(r), "%s %q is unknown", r.Key, n.Text)
		}
		v = packed.num
	default:
		err = expect(n, conf.Integer, codeHint(r))
	}
	if err != nil {
		return "", err
	}
	return unpackEnum(r, value{num: v}, nil)
}

func codeHint(r *Row) string {
	return strings.Join(order.Also(wordNames(r.Enum), fmt.Sprintf("a number up to %d", r.max())), ", ")
}

// parseTable gives the number.
func parseTable(r *Row, n *conf.Node) (string, error) {
	if n.Kind == conf.Integer {
		v, err := parseNumber(Row{Key: r.Key, Min: 1}, n)
		return strconv.FormatUint(v, 10), err
	}
	if err := expect(n, conf.String, `a number, or a name like "main"`); err != nil {
		return "", err
	}
	for _, w := range tableNames {
		if w.Name == n.Text {
			return strconv.FormatUint(w.Value, 10), nil
		}
	}
	return "", wrong(n, "main, local, default, a number, or a name: [settings] tables = { "+tableKey(n.Text)+" = 100 }", "%s %q is unknown", r.Key, n.Text)
}

// parseNumber reads an integer within the bounds of a row.
func parseNumber(r Row, n *conf.Node) (uint64, error) {
	text, err := parseInteger(&r, n)
	if err != nil {
		return 0, err
	}
	return number(text), nil
}

// number reads text that a row has checked.
func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}
