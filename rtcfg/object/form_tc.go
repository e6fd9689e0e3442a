package object

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
)

// Forms of tc(8): rates are bytes a second on the wire, times microseconds (or
// nanoseconds, or milliseconds), sizes bytes.
var (
	Rate    = &Form{"rate", ints | texts, parseRate, packRate, unpackRate}
	Size    = &Form{"size", ints | texts, parseSize, packSize, unpackInteger}
	Micros  = &Form{"time", ints | texts, parseMicros, packMicros, unpackMicros}
	Nanos   = &Form{"time", ints | texts, parseNanos, packNanos, unpackNanos}
	Millis  = &Form{"time", ints | texts, parseMillis, packMillis, unpackMillis}
	Percent = &Form{"percentage", numbers | texts, parsePercent, packPercent, unpackPercent}
	Handle  = &Form{"handle", texts, parseHandle, packHandle, unpackHandle}
	Hex     = &Form{"number", ints | texts, parseHex, packHex, unpackHex}
)

// A unit is a word behind a number. In a table the first is meant where none is
// said; text is written with the largest that leaves a whole number.
type unit struct {
	name string
	size float64
}

var (
	rateUnits = []unit{{"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}, {"kibit", 1 << 10}, {"mibit", 1 << 20},
		{"bps", 8}, {"kbps", 8e3}, {"mbps", 8e6}, {"gbps", 8e9}}
	sizeUnits = []unit{{"b", 1}, {"k", 1 << 10}, {"kb", 1 << 10}, {"m", 1 << 20}, {"mb", 1 << 20}, {"g", 1 << 30}, {"gb", 1 << 30}}
	timeUnits = []unit{{"us", 1}, {"ms", 1e3}, {"s", 1e6}}
	waitUnits = []unit{{"s", 1e3}, {"ms", 1}, {"m", 6e4}, {"h", 36e5}}
	nanoUnits = []unit{{"us", 1e3}, {"ns", 1}, {"ms", 1e6}, {"s", 1e9}}
)

// measure reads "1.5mbit"; ok is false where that is nothing.
func measure(units []unit, text string) (v float64, ok bool) {
	end := len(text)
	for end > 0 && text[end-1] != '.' && (text[end-1] < '0' || text[end-1] > '9') {
		end--
	}
	word := lower(strings.TrimSpace(text[end:]))
	if word == "" {
		word = units[0].name
	}
	n, ok := decimal(strings.TrimSpace(text[:end]))
	for _, u := range units {
		if ok && u.name == word {
			return n * u.size, true
		}
	}
	return 0, false
}

// lower is strings.ToLower for what has a capital only in ASCII.
func lower(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}

func parseRate(r *Row, n *conf.Node) (string, error)   { return parseUnit(r, n, rateUnits, `"10mbit"`) }
func parseSize(r *Row, n *conf.Node) (string, error)   { return parseUnit(r, n, sizeUnits, `"32kb"`) }
func parseMicros(r *Row, n *conf.Node) (string, error) { return parseUnit(r, n, timeUnits, `"5ms"`) }
func parseNanos(r *Row, n *conf.Node) (string, error)  { return parseUnit(r, n, nanoUnits, `"5ms"`) }

func parseMillis(r *Row, n *conf.Node) (string, error) { return parseUnit(r, n, waitUnits, `"60s"`) }

// Milliseconds reads a time that people wait for: 60s, 1.5m, 500ms, 1h.
func Milliseconds(text string) (ms int64, ok bool) {
	v, ok := measure(waitUnits, text)
	return int64(v), ok && v < 1<<53
}

func packRate(_ *Row, text string, _ Names) (value, error)   { return packUnit(text, rateUnits, 8) }
func packSize(_ *Row, text string, _ Names) (value, error)   { return packUnit(text, sizeUnits, 1) }
func packMicros(_ *Row, text string, _ Names) (value, error) { return packUnit(text, timeUnits, 1) }
func packMillis(_ *Row, text string, _ Names) (value, error) { return packUnit(text, waitUnits, 1) }
func packNanos(_ *Row, text string, _ Names) (value, error)  { return packUnit(text, nanoUnits, 1) }

func unpackRate(_ *Row, v value, _ Names) (string, error)   { return unpackUnit(v, rateUnits, 8), nil }
func unpackMicros(_ *Row, v value, _ Names) (string, error) { return unpackUnit(v, timeUnits, 1), nil }
func unpackMillis(_ *Row, v value, _ Names) (string, error) { return unpackUnit(v, waitUnits, 1), nil }
func unpackNanos(_ *Row, v value, _ Names) (string, error)  { return unpackUnit(v, nanoUnits, 1), nil }

func parseUnit(r *Row, n *conf.Node, units []unit, example string) (string, error) {
	if n.Kind != conf.Integer && n.Kind != conf.String {
		return "", expect(n, conf.String, example)
	}
	v, ok := measure(units, n.Text)
	if !ok {
		return "", wrong(n, "write it like "+example, "%s %q is not a number with a unit", r.Key, n.Text)
	}
	packed, err := r.Form.pack(r, strconv.FormatFloat(v/units[0].size, 'f', -1, 64), nil)
	if err != nil || packed.num < r.Min || packed.num > r.max() {
		return "", wrong(n, "choose another", "%s %q is out of range", r.Key, n.Text)
	}
	return r.Form.unpack(r, packed, nil)
}

// packUnit gives the number in the unit of the wire, which is so many of the
// table's ones.
func packUnit(text string, units []unit, ones float64) (value, error) {
	v, ok := measure(units, text)
	if !ok || v/ones > math.MaxInt64 {
		return value{}, fmt.Errorf("%q is not a number with a unit", text)
	}
	return value{num: uint64(math.Round(v / ones))}, nil
}

func unpackUnit(v value, units []unit, ones float64) string {
	n, best := float64(v.num)*ones, unit{size: 0}
	for _, u := range units {
		if math.Trunc(n/u.size)*u.size == n && isPowerOfTen(u.size) && u.size > best.size && (n > 0 || best.size == 0) {
			best = u
		}
	}
	return strconv.FormatFloat(n/best.size, 'f', -1, 64) + best.name
}

func isPowerOfTen(size float64) bool {
	for size > 1 {
		size /= 10
	}
	return size == 1
}

// A percentage is a part of 2^32 on the wire.
func parsePercent(r *Row, n *conf.Node) (string, error) {
	p, ok := decimal(strings.TrimSuffix(n.Text, "%"))
	if !ok || p > 100 || n.Kind != conf.Integer && n.Kind != conf.Float && n.Kind != conf.String {
		return "", wrong(n, `write it like "0.5%"`, "%s %q is not a percentage", r.Key, n.Text)
	}
	return strconv.FormatFloat(p, 'f', -1, 64) + "%", nil
}

func packPercent(_ *Row, text string, _ Names) (value, error) {
	p, ok := decimal(strings.TrimSuffix(text, "%"))
	if !ok {
		return value{}, fmt.Errorf("%q is not a percentage", text)
	}
	return value{num: uint64(math.Round(p / 100 * math.MaxUint32))}, nil
}

func unpackPercent(_ *Row, v value, _ Names) (string, error) {
	p := float64(v.num) / math.MaxUint32 * 100
	return strconv.FormatFloat(math.Round(p*1e4)/1e4, 'f', -1, 64) + "%", nil
}

// fixedHandles are the places that have a word.
var fixedHandles = []Word{{"root", 0xffffffff}, {"ingress", 0xfffffff1}}

// parseHandle reads "root", "1:" or "1:10", whose numbers are hexadecimal.
func parseHandle(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.String, `"1:" or "1:10"`); err != nil {
		return "", err
	}
	v, err := packHandle(r, n.Text, nil)
	if err != nil {
		return "", wrong(n, `write it like "1:10"; the numbers are hexadecimal`, "%s %q is not a handle", r.Key, n.Text)
	}
	return unpackHandle(r, v, nil)
}

func packHandle(_ *Row, text string, _ Names) (v value, err error) {
	for _, w := range fixedHandles {
		if w.Name == text {
			return value{num: w.Value}, nil
		}
	}
	major, minor, ok := strings.Cut(text, ":")
	a, err := strconv.ParseUint(major, 16, 16)
	b := uint64(0)
	if err == nil && minor != "" {
		b, err = strconv.ParseUint(minor, 16, 16)
	}
	if !ok && err == nil {
		err = fmt.Errorf("%q has no colon", text)
	}
	return value{num: a<<16 | b}, err
}

func unpackHandle(_ *Row, v value, _ Names) (string, error) {
	for _, w := range fixedHandles {
		if w.Value == v.num {
			return w.Name, nil
		}
	}
	text := strconv.FormatUint(v.num>>16, 16) + ":"
	if minor := v.num & 0xffff; minor != 0 {
		text += strconv.FormatUint(minor, 16)
	}
	return text, nil
}

// parseHex reads 0x10 or "0x10"; the text is hexadecimal, as iproute2 shows it.
func parseHex(r *Row, n *conf.Node) (string, error) {
	if n.Kind != conf.Integer && n.Kind != conf.String {
		return "", expect(n, conf.Integer, "0x10")
	}
	v, err := strconv.ParseUint(n.Text, 0, 64)
	if err != nil || v < r.Min || v > r.max() {
		return "", wrong(n, fmt.Sprintf("%#x to %#x are allowed", r.Min, r.max()), "%s %s is out of range", r.Key, n.Text)
	}
	return unpackHex(r, value{num: v}, nil)
}

func packHex(_ *Row, text string, _ Names) (value, error) {
	n, err := strconv.ParseUint(text, 0, 64)
	return value{num: n}, err
}

// Octets is a list of that many small numbers, a byte each.
var Octets = &Form{"list of numbers", lists | ints, parseOctets, packOctets, unpackOctets}

func parseOctets(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.Array, "a list of numbers"); err != nil {
		return "", err
	}
	if len(n.Items) != int(r.Max) {
		return "", wrong(n, fmt.Sprintf("write %d numbers", r.Max), "%s has %d numbers", r.Key, len(n.Items))
	}
	words := make([]string, len(n.Items))
	for i, item := range n.Items {
		v, err := parseNumber(Row{Key: r.Key, Max: 255}, item)
		if err != nil {
			return "", err
		}
		words[i] = strconv.FormatUint(v, 10)
	}
	return strings.Join(words, " "), nil
}

func packOctets(_ *Row, text string, _ Names) (v value, err error) {
	for _, word := range strings.Split(text, " ") {
		n, err := strconv.ParseUint(word, 10, 8)
		if err != nil {
			return v, err
		}
		v.raw = append(v.raw, uint8(n))
	}
	return v, nil
}

func unpackOctets(r *Row, v value, _ Names) (string, error) {
	words := make([]string, min(int(r.Max), len(v.raw)))
	for i := range words {
		words[i] = strconv.Itoa(int(v.raw[i]))
	}
	return strings.Join(words, " "), nil
}
