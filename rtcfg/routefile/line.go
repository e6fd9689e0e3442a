package routefile

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// A line is a route while its words are read. Its slices point into the text.
type line struct {
	text []byte
	at   int // where the next word is looked for

	typ    uint8 // RTN_*
	scope  uint8 // RT_SCOPE_*
	bits   uint8
	any    bool // "default": of the gateway's family
	to     address
	via    address
	dev    []byte // nil: none
	metric uint32
	start  int              // column of the destination, from 1
	given  [optionCount]int // column of an option's value, 0: not given
}

// word gives the next word, nil at the end of the line, and its column from 1.
func (l *line) word() ([]byte, int) {
	b, at := l.text, l.at
	for at < len(b) && (b[at] == ' ' || b[at] == '\t') {
		at++
	}
	from := at
	for at < len(b) && b[at] != ' ' && b[at] != '\t' {
		at++
	}
	l.at = at
	if from == at {
		return nil, from + 1
	}
	return b[from:at], from + 1
}

// read takes a line apart. It is false, without a fault, for one without words.
func (l *line) read(text []byte) (bool, *wrong) {
	*l = line{text: text, typ: unix.RTN_UNICAST}
	w, col := l.lead()
	if w == nil {
		if col == 0 {
			return false, nil
		}
		return false, wrongf(col, destinationHint, "the route has no destination")
	}
	if fault := l.destination(w, col); fault != nil {
		return false, fault
	}
	for {
		w, col := l.word()
		if w == nil {
			return true, l.check()
		}
		if fault := l.option(w, col); fault != nil {
			return false, fault
		}
	}
}

const destinationHint = "write default, an address or a prefix like 10.0.0.0/8"

// A word stands for a number.
type word struct {
	name  string
	value uint8
}

// types are the words of routes that a record can be.
var types = [...]word{
	{"blackhole", unix.RTN_BLACKHOLE}, {"unreachable", unix.RTN_UNREACHABLE}, {"prohibit", unix.RTN_PROHIBIT},
	{"throw", unix.RTN_THROW}, {"unicast", unix.RTN_UNICAST},
}

// scopes are the words of `scope` (rtnl_rtscope_a2n).
var scopes = [...]word{
	{"global", unix.RT_SCOPE_UNIVERSE}, {"link", unix.RT_SCOPE_LINK}, {"host", unix.RT_SCOPE_HOST}, {"site", unix.RT_SCOPE_SITE},
}

// lookup finds a word in a table.
func lookup(table []word, b []byte) (uint8, bool) {
	for i := range table {
		if string(b) == table[i].name {
			return table[i].value, true
		}
	}
	return 0, false
}

// lead passes over the words before a destination: "route", "add", "to" and a
// type, in this order. The column is 0 for a line without words.
func (l *line) lead() (w []byte, col int) {
	for passed := 0; ; {
		w, col = l.word()
		if w == nil && passed == 0 {
			return nil, 0
		}
		if w == nil || w[0]-'0' <= 9 {
			return w, col
		}
		rank, typ := leading(w)
		if rank <= passed {
			return w, col
		}
		if passed = rank; typ != 0 {
			l.typ = typ
		}
	}
}

// leading gives a word's place among those before a destination, 0 for none,
// and the type that it stands for.
func leading(w []byte) (rank int, typ uint8) {
	switch string(w) {
	case "route":
		return 1, 0
	case "add":
		return 2, 0
	case "to":
		return 3, 0
	}
	if typ, ok := lookup(types[:], w); ok {
		return 4, typ
	}
	return 0, 0
}

// destination reads a prefix, an address or "default".
func (l *line) destination(w []byte, col int) *wrong {
	l.start = col
	if string(w) == "default" {
		l.any = true
		return nil
	}
	var ok bool
	if l.to, l.bits, ok = parsePrefix(w); !ok {
		if hint, known := elsewhere(w); known {
			return wrongf(col, hint, "%s: not in a route file", w)
		}
		return wrongf(col, destinationHint, "%s is not a destination", quote(w))
	}
	if m := (address{l.to.masked(l.bits), l.to.six}); m != l.to {
		return wrongf(col, "write "+m.prefix(l.bits).String(), "%s has bits set beyond its prefix length", quote(w))
	}
	return nil
}

// option reads a word that is not the destination, with its value.
func (l *line) option(w []byte, col int) *wrong {
	for i := range options {
		if string(w) == options[i].name {
			return l.value(&options[i], col)
		}
	}
	if hint, known := elsewhere(w); known {
		return wrongf(col, hint, "%s: not in a route file", w)
	}
	names := make([]string, len(options))
	for i := range options {
		names[i] = options[i].name
	}
	hint := "a line is: [TYPE] PREFIX [via ADDRESS] [dev LINK] [metric NUMBER] [scope SCOPE]"
	if near := conf.Suggest(string(w[:min(len(w), 64)]), names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return wrongf(col, hint, "%s is unknown", quote(w))
}

// value reads the value of an option.
func (l *line) value(o *option, col int) *wrong {
	if l.given[o.kind] != 0 {
		return wrongf(col, "take one out", "%s is given twice", o.name)
	}
	w, at := l.word()
	if w == nil {
		return wrongf(at, o.hint, "%s has no value", o.name)
	}
	if o.kind == optionVia && (string(w) == "inet" || string(w) == "inet6") {
		if w, at = l.word(); w == nil {
			return wrongf(at, o.hint, "%s has no value", o.name)
		}
	}
	l.given[o.kind] = at
	if !o.read(l, w) {
		return wrongf(at, o.hint, "%s %s is not possible", o.name, quote(w))
	}
	return nil
}

// The kinds of options.
const (
	optionVia = iota
	optionDev
	optionMetric
	optionScope
	optionCount
)

// An option is a word with a value after it; read is false where that makes no
// sense.
type option struct {
	name string
	kind int
	hint string
	read func(*line, []byte) bool
}

// options are the words of `ip route` that a record has room for.
var options = [...]option{
	{"via", optionVia, "write an address like 192.0.2.1 or 2001:db8::1", (*line).readVia},
	{"dev", optionDev, "write a link's name, 15 bytes at most, without '/' and ':'", (*line).readDev},
	{"metric", optionMetric, "0 to 4294967295 are allowed", (*line).readMetric},
	{"scope", optionScope, "one of global, link, host, site", (*line).readScope},
	{"oif", optionDev, "write a link's name, 15 bytes at most, without '/' and ':'", (*line).readDev},
	{"priority", optionMetric, "0 to 4294967295 are allowed", (*line).readMetric},
	{"preference", optionMetric, "0 to 4294967295 are allowed", (*line).readMetric},
}

func (l *line) readVia(b []byte) (ok bool) {
	l.via, ok = parseAddress(b)
	return ok && l.via.words != words{}
}

// readDev checks what the kernel's dev_valid_name checks.
func (l *line) readDev(b []byte) bool {
	l.dev = b
	for _, c := range b {
		switch c {
		case '/', ':', '\v', '\f', '\r', 0xa0: // the last four are blanks to the kernel
			return false
		}
	}
	return len(b) < unix.IFNAMSIZ && string(b) != "." && string(b) != ".."
}

func (l *line) readMetric(b []byte) (ok bool) {
	l.metric, ok = parseNumber(b)
	return ok
}

func (l *line) readScope(b []byte) (ok bool) {
	l.scope, ok = lookup(scopes[:], b)
	return ok
}

// inTable are words of `ip route` that the file's place in router.toml says.
// others are words that a record has no room for, but a [[route]] may have.
var (
	said = [...]struct{ name, hint string }{
		{"table", "leave it out: [[route_file]] names the table"},
		{"proto", "leave it out: settings.protocol marks every route"},
		{"protocol", "leave it out: settings.protocol marks every route"},
	}
	others = [...]string{"src", "onlink", "mtu", "advmss", "nexthop", "nhid", "encap", "local", "pref", "initcwnd", "initrwnd", "rtt",
		"window", "hoplimit", "quickack", "congctl", "features", "realms", "expires", "tos", "dsfield", "as", "from", "pervasive"}
)

// elsewhere tells where a word of `ip route` belongs that is not for a route
// file.
func elsewhere(b []byte) (hint string, known bool) {
	for i := range said {
		if string(b) == said[i].name {
			return said[i].hint, true
		}
	}
	for i := range others {
		if string(b) == others[i] {
			return "write a [[route]]", true
		}
	}
	return "", false
}

// check looks at the words together, and settles what they leave open.
func (l *line) check() *wrong {
	via, dev, scope := l.given[optionVia], l.given[optionDev], l.given[optionScope]
	if l.any {
		l.to.six = l.via.six
	}
	if l.typ != unix.RTN_UNICAST {
		if l.to.six && via == 0 && string(l.dev) == "lo" { // as `ip -6 route` lists it
			l.dev, dev = nil, 0
		}
		if at := max(via, dev); at != 0 {
			return wrongf(at, "take out via and dev", "a route of this type has no way to go")
		}
	}
	switch {
	case l.typ == unix.RTN_UNICAST && via == 0 && dev == 0:
		return wrongf(l.start, "add via or dev, or a type like blackhole", "the route leads nowhere")
	case via != 0 && l.via.six != l.to.six:
		return wrongf(via, "use addresses of one family", "the gateway %s is of the other family", l.via.String())
	case via != 0 && dev == 0 && l.via.linkLocal():
		return wrongf(via, "add dev", "the gateway %s may be on any link", l.via.String())
	case scope != 0 && l.to.six:
		return wrongf(scope, "take it out", "an IPv6 route has no scope")
	case scope == 0 && l.typ == unix.RTN_UNICAST && via == 0 && !l.to.six:
		l.scope = unix.RT_SCOPE_LINK // as iproute2 chooses
	}
	return nil
}
