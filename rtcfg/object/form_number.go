package object

import (
	"fmt"
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// More forms of numbers.
var (
	Signed    = &Form{"integer", ints, parseSigned, packSigned, unpackSigned}
	Masked    = &Form{"number or number/mask", ints | texts, parseMasked, packMasked, unpackHex}
	PortRange = &Form{"port or range of ports", ints | texts, parsePorts, packPorts, unpackPorts}
	UIDRange  = &Form{"user ID or range of them", ints | texts, parseUIDs, packUIDs, unpackUIDs}
)

func parseSigned(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.Integer, "a number without quotes"); err != nil {
		return "", err
	}
	v, err := strconv.ParseInt(n.Text, 0, 64)
	least, most := -int64(r.max())-1, int64(r.max())
	if r.Min != 0 || r.Max != 0 {
		least = int64(r.Min)
	}
	if err != nil || v < least || v > most {
		return "", wrong(n, fmt.Sprintf("%d to %d are allowed", least, most), "%s %s is out of range", r.Key, n.Text)
	}
	return strconv.FormatInt(v, 10), nil
}

func packSigned(_ *Row, text string, _ Names) (value, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return value{num: uint64(n)}, err
}

func unpackSigned(_ *Row, v value, _ Names) (string, error) {
	return strconv.FormatInt(int64(v.num), 10), nil
}

// parseMasked reads 7, "0x7" or "0x7/0xff". Its canonical text is "0x7/0xff";
// no mask means all bits.
func parseMasked(r *Row, n *conf.Node) (string, error) {
	num, mask, masked := strings.Cut(n.Text, "/")
	if n.Kind != conf.Integer && n.Kind != conf.String {
		return "", expect(n, conf.String, `"0x1/0xff"`)
	}
	v, err1 := strconv.ParseUint(num, 0, 32)
	m, err2 := uint64(1<<32-1), error(nil)
	if masked {
		m, err2 = strconv.ParseUint(mask, 0, 32)
	}
	if err1 != nil || err2 != nil {
		return "", wrong(n, `write it like 7 or "0x10/0xff"`, "%s %q is not a number with a mask", r.Key, n.Text)
	}
	if v&^m != 0 {
		return "", wrong(n, fmt.Sprintf("write \"%#x/%#x\"", v&m, m), "%s %q has bits set beyond its mask", r.Key, n.Text)
	}
	return fmt.Sprintf("%#x/%#x", v, m), nil
}

func packMasked(_ *Row, text string, _ Names) (v value, err error) {
	num, mask, _ := strings.Cut(text, "/")
	if v.num, err = strconv.ParseUint(num, 0, 32); err != nil {
		return v, err
	}
	v.mask, err = strconv.ParseUint(mask, 0, 32)
	return v, err
}

func unpackHex(_ *Row, v value, _ Names) (string, error) { return fmt.Sprintf("%#x", v.num), nil }

func parsePorts(r *Row, n *conf.Node) (string, error) { return parseRange(r, n, 1<<16-1) }
func parseUIDs(r *Row, n *conf.Node) (string, error)  { return parseRange(r, n, 1<<32-2) }

// parseRange reads 80 or "80-90", both ends included.
func parseRange(r *Row, n *conf.Node, most uint64) (string, error) {
	from, to, isRange := strings.Cut(n.Text, "-")
	if n.Kind != conf.Integer && n.Kind != conf.String {
		return "", expect(n, conf.String, `"80-90"`)
	}
	if !isRange {
		to = from
	}
	a, err1 := strconv.ParseUint(from, 10, 64)
	b, err2 := strconv.ParseUint(to, 10, 64)
	if err1 != nil || err2 != nil || a > b || b > most {
		return "", wrong(n, fmt.Sprintf("write a number or two up to %d, like \"80-90\"", most), "%s %q is not a range", r.Key, n.Text)
	}
	return rangeText(a, b), nil
}

func rangeText(a, b uint64) string {
	if a == b {
		return strconv.FormatUint(a, 10)
	}
	return strconv.FormatUint(a, 10) + "-" + strconv.FormatUint(b, 10)
}

func rangeEnds(text string) (a, b uint64, err error) {
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	if a, err = strconv.ParseUint(from, 10, 64); err == nil {
		b, err = strconv.ParseUint(to, 10, 64)
	}
	return a, b, err
}

// Ranges are structs of two numbers: fib_rule_port_range, fib_rule_uid_range.
func packPorts(_ *Row, text string, _ Names) (value, error) {
	a, b, err := rangeEnds(text)
	raw := binary.NativeEndian.AppendUint16(nil, uint16(a))
	return value{raw: binary.NativeEndian.AppendUint16(raw, uint16(b))}, err
}

func unpackPorts(_ *Row, v value, _ Names) (string, error) {
	if len(v.raw) < 4 {
		return "", unix.EBADMSG
	}
	o := binary.NativeEndian
	return rangeText(uint64(o.Uint16(v.raw)), uint64(o.Uint16(v.raw[2:]))), nil
}

func packUIDs(_ *Row, text string, _ Names) (value, error) {
	a, b, err := rangeEnds(text)
	raw := binary.NativeEndian.AppendUint32(nil, uint32(a))
	return value{raw: binary.NativeEndian.AppendUint32(raw, uint32(b))}, err
}

func unpackUIDs(_ *Row, v value, _ Names) (string, error) {
	if len(v.raw) < 8 {
		return "", unix.EBADMSG
	}
	o := binary.NativeEndian
	return rangeText(uint64(o.Uint32(v.raw)), uint64(o.Uint32(v.raw[4:]))), nil
}
