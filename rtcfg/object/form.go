package object

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
)

// A Form is how a value looks in the file and as text, and how text becomes a
// number or bytes.
type Form struct {
	Name   string // "integer", "boolean": for messages and documentation
	takes  shape
	parse  func(*Row, *conf.Node) (string, error)
	pack   func(*Row, string, Names) (value, error)
	unpack func(*Row, value, Names) (string, error)
}

// shape is what a value may be in TOML; with lists, an array of these.
type shape uint8

const (
	ints shape = 1 << iota
	numbers
	texts
	bools
	tables
	lists
)

// value is what stands between text and wire: a number or bytes.
type value struct {
	num  uint64
	mask uint64 // where the text is "value/mask"
	raw  []byte
}

// The forms. They are tables, never changed.
var (
	Integer = &Form{"integer", ints, parseInteger, packInteger, unpackInteger}
	Boolean = &Form{"boolean", bools, parseBoolean, packBoolean, unpackBoolean}
	Enum    = &Form{"word", texts, parseEnum, packEnum, unpackEnum}
	String  = &Form{"string", texts, parseString, packString, unpackString}
	MAC     = &Form{"MAC address", texts, parseMAC, packMAC, unpackMAC}
	IP      = &Form{"IP address", texts, parseIP, packIP, unpackIP}
	LinkRef = &Form{"link", texts, parseLinkName, packLink, unpackLink}
)

func wrong(n *conf.Node, hint, format string, args ...any) error {
	return conf.Fault{Pos: n.Pos, What: fmt.Sprintf(format, args...), Hint: hint}
}

func expect(n *conf.Node, kind conf.Kind, example string) error {
	if n.Kind == kind {
		return nil
	}
	return wrong(n, "write "+example, "this is %s, not %s", n.Kind, kind)
}

// integer reads a TOML integer, with its underscores and prefixes.
func integer(n *conf.Node) (uint64, error) {
	if n.Kind != conf.Integer {
		return 0, expect(n, conf.Integer, "a number without quotes")
	}
	text := strings.TrimPrefix(n.Text, "+")
	digits := strings.TrimLeft(text, "-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return 0, wrong(n, "leave out leading zeros", "%s is not a number in TOML", n.Text)
	}
	v, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		return 0, wrong(n, "write a smaller one", "%s is not a number that fits", n.Text)
	}
	if v < 0 {
		return math.MaxUint64, nil // below every range: the caller names the range
	}
	return uint64(v), nil
}

func parseInteger(r *Row, n *conf.Node) (string, error) {
	v, err := integer(n)
	if err != nil {
		return "", err
	}
	if v < r.Min || v > r.max() {
		return "", wrong(n, fmt.Sprintf("%d to %d are allowed", r.Min, r.max()), "%s %s is out of range", r.Key, n.Text)
	}
	return strconv.FormatUint(v, 10), nil
}

func packInteger(_ *Row, text string, _ Names) (value, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	return value{num: n}, err
}

func unpackInteger(_ *Row, v value, _ Names) (string, error) {
	return strconv.FormatUint(v.num, 10), nil
}

func parseBoolean(_ *Row, n *conf.Node) (string, error) {
	return n.Text, expect(n, conf.Bool, "true or false")
}

func packBoolean(_ *Row, text string, _ Names) (value, error) {
	if text == "true" {
		return value{num: 1}, nil
	}
	return value{}, nil
}

func unpackBoolean(_ *Row, v value, _ Names) (string, error) {
	return strconv.FormatBool(v.num != 0), nil
}

func parseEnum(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.String, `a word in quotes, like "`+r.Enum[0].Name+`"`); err != nil {
		return "", err
	}
	if v, err := packEnum(r, n.Text, nil); err == nil && v.num <= r.max() {
		return unpackEnum(r, v, nil)
	}
	return "", wrong(n, "one of "+strings.Join(wordNames(r.Enum), ", "), "%s %q is unknown", r.Key, n.Text)
}

func wordNames(words []Word) []string {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = w.Name
	}
	return names
}

func packEnum(r *Row, text string, _ Names) (value, error) {
	for _, w := range r.Enum {
		if w.Name == text {
			return value{num: w.Value}, nil
		}
	}
	n, err := strconv.ParseUint(text, 10, 64) // a number read back from a newer kernel
	return value{num: n}, err
}

func unpackEnum(r *Row, v value, _ Names) (string, error) {
	for _, w := range r.Enum {
		if w.Value == v.num {
			return w.Name, nil
		}
	}
	return strconv.FormatUint(v.num, 10), nil
}

func parseString(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.String, "text in quotes"); err != nil {
		return "", err
	}
	if strings.ContainsRune(n.Text, 0) {
		return "", wrong(n, "take it out", "%s holds a NUL byte", r.Key)
	}
	if limit := int(r.Max); limit > 0 && len(n.Text) > limit {
		return "", wrong(n, fmt.Sprintf("at most %d bytes", limit), "%s is too long", r.Key)
	}
	return n.Text, nil
}

func packString(_ *Row, text string, _ Names) (value, error) { return value{raw: []byte(text)}, nil }
func packMAC(_ *Row, text string, _ Names) (v value, err error) {
	v.raw, err = macBytes(text)
	return
}
func unpackMAC(_ *Row, v value, _ Names) (string, error) {
	return macText(v.raw), nil
}
func unpackLink(_ *Row, v value, names Names) (string, error) { return names.Name(uint32(v.num)), nil }
func parseLinkName(_ *Row, n *conf.Node) (string, error)      { return n.Text, linkName(n, n.Text) }

// unpackString: the kernel ends an alias with a NUL and takes it without.
func unpackString(_ *Row, v value, _ Names) (string, error) {
	return strings.TrimRight(string(v.raw), "\x00"), nil
}

func parseMAC(r *Row, n *conf.Node) (string, error) {
	const example = `six bytes in quotes, like "52:54:00:12:34:01"`
	if err := expect(n, conf.String, example); err != nil {
		return "", err
	}
	mac, err := macBytes(n.Text)
	if err != nil || len(mac) != 6 {
		return "", wrong(n, "write "+example, "%q is not a MAC address", n.Text)
	}
	return macText(mac), nil
}

// macBytes reads two digits for each byte, with colons or dashes between them:
// six for most links, twenty for InfiniBand.
func macBytes(text string) ([]byte, error) {
	var mac []byte
	for _, pair := range strings.Split(strings.ReplaceAll(text, "-", ":"), ":") {
		b, err := strconv.ParseUint(pair, 16, 8)
		if err != nil || len(pair) != 2 {
			return nil, fmt.Errorf("%q is not a MAC address", text)
		}
		mac = append(mac, byte(b))
	}
	return mac, nil
}

func macText(mac []byte) string {
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 3*len(mac))
	for i, b := range mac {
		if i > 0 {
			text = append(text, ':')
		}
		text = append(text, digits[b>>4], digits[b&0xf])
	}
	return string(text)
}

func parseIP(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.String, `an address in quotes, like "192.0.2.1"`); err != nil {
		return "", err
	}
	a, err := ip.ParseAddr(n.Text)
	if err != nil {
		hint := `write it without prefix length or zone, like "192.0.2.1"`
		return "", wrong(n, hint, "%s %q is not an IP address", r.Key, n.Text)
	}
	return a.Unmap().String(), nil
}

func packIP(_ *Row, text string, _ Names) (value, error) {
	a, err := ip.ParseAddr(text)
	if err != nil {
		return value{}, err
	}
	return value{raw: a.Bytes()}, nil
}

func unpackIP(_ *Row, v value, _ Names) (string, error) {
	a, ok := ip.FromBytes(v.raw)
	if !ok {
		return "", fmt.Errorf("an address of %d bytes", len(v.raw))
	}
	return a.String(), nil
}

// packLink resolves a link's name; "" is index 0: none (no master).
func packLink(_ *Row, text string, names Names) (value, error) {
	if text == "" {
		return value{}, nil
	}
	index, err := names.Index(text)
	return value{num: uint64(index)}, err
}

// maxLinkName is IFNAMSIZ without the NUL.
const maxLinkName = 15

// linkName checks what the kernel's dev_valid_name checks, and what a person
// would not want besides.
func linkName(n *conf.Node, name string) error {
	if err := expect(n, conf.String, `a link's name in quotes, like "br-lan"`); err != nil {
		return err
	}
	return checkLinkName(n.Pos, name)
}

func checkLinkName(pos conf.Pos, name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return conf.Fault{Pos: pos, What: fmt.Sprintf("%q is not a link's name", name), Hint: `write one like "lan1"`}
	case len(name) > maxLinkName:
		return conf.Fault{Pos: pos, What: fmt.Sprintf("the link's name %q has %d characters", name, len(name)), Hint: "15 are allowed"}
	case strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == '/' || c == ':' || c == '%' || c >= 0x7f }):
		return conf.Fault{Pos: pos, What: fmt.Sprintf("the link's name %q holds a character that links cannot have", name), Hint: "no blanks, slashes, colons or percent signs"}
	}
	return nil
}
