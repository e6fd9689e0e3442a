package specs

import (
	"fmt"
	"strings"

	"bootlink/rtcfg/object"
)

// wires says what the specs may call a wire type.
var wires = map[object.Wire]string{
	object.U8: "u8", object.U16: "u16", object.U32: "u32", object.U64: "u64", object.S32: "s32", object.Be16: "be16", object.Be32: "be32",
	object.Bytes: "binary struct", object.Text: "string", object.Flag: "flag", object.Nested: "nest indexed-array", object.Bits: "struct bitfield32",
	object.BitsU16: "u16", object.BitsU32: "u32", object.BeBits16: "be16", object.Field8: "u8 binary", object.Field16: "u16", object.Field32: "u32",
	object.Head8: "u8", object.Head16: "u16", object.Head32: "u32", object.HeadBits: "u32", object.HeadBits8: "u8",
}

// isHead tells a wire type of the fixed header.
func isHead(w object.Wire) bool { return w >= object.Head8 && w <= object.HeadBits8 }

// isField tells a wire type that is part of an attribute.
func isField(w object.Wire) bool { return w >= object.Field8 && w <= object.Field32 }

// isBit tells a wire type whose rows are bits.
func isBit(r *object.Row) bool { return r.Bit != 0 }

// A comparison holds bootlink's tables against specs.
type comparison struct {
	families map[string]*Family
	names    map[string]string // our name to the spec's, where they differ
	used     map[string]bool   // those of the names that were needed
	differ   []string          // "name: how"
	compared int               // rows, with and without differences
}

// A scope is where the attributes of a table's nest are described.
type scope struct {
	*Family
	header string // the struct in front of the attributes, "" for none
	set    *Set
}

// table compares all rows of one.
func (c *comparison) table(t table) {
	f := c.families[t.family]
	for i := range t.rows {
		r := &t.rows[i]
		c.compared++
		at := claim{comparison: c, name: t.name + "." + r.Key, row: r}
		switch {
		case r.Wire == object.None:
			at.wrong("no attribute is this row's alone")
		case f == nil:
			at.wrong("no spec %s", t.family)
		default:
			at.place(f, t)
		}
	}
}

// A claim is what one row says about the wire.
type claim struct {
	*comparison
	scope
	name string
	row  *object.Row
}

// wrong notes a difference.
func (at *claim) wrong(format string, args ...any) {
	at.differ = append(at.differ, at.name+": "+fmt.Sprintf(format, args...))
}

// called gives the spec's name of something: the one that is expected, unless
// names.txt has another.
func (at *claim) called(name, expected string) string {
	if other, ok := at.names[name]; ok {
		at.used[name] = true
		return other
	}
	return Plain(expected)
}

// place finds where the spec describes the row, and compares.
func (at *claim) place(f *Family, t table) {
	op := f.Operation(t.op)
	if op == nil {
		at.wrong("no %s", t.op)
		return
	}
	at.scope = scope{f, op.Header, f.Set(op.Set)}
	if isHead(at.row.Wire) {
		at.head(t.size)
		return
	}
	if at.row.Len != 0 {
		at.length()
	}
	for _, n := range t.inner {
		a, _ := at.set.Attribute(string(n))
		if !at.enter(a, string(n), t.kind) {
			return
		}
	}
	if at.row.Nest != 0 && !at.enter(at.set.Numbered(int(at.row.Nest)), fmt.Sprint(at.row.Nest), t.kind) {
		return
	}
	at.attribute(t)
}

// enter goes into a nest, which goes by a name or a number.
func (at *claim) enter(a *Field, which, kind string) bool {
	switch {
	case a == nil:
		at.wrong("no nest %s", which)
	case a.Nested != "":
		at.scope = scope{at.Family, "", at.Set(a.Nested)}
		return true
	case a.Sub != "":
		f := at.Format(a.Sub, kind)
		if f == nil {
			f = at.Format(a.Sub, at.called("kind="+kind, kind))
		}
		if f == nil {
			at.wrong("no %s in %s", kind, a.Sub)
			return false
		}
		at.scope = scope{at.Family, f.Header, at.Set(f.Set)}
		return true
	default:
		at.wrong("%s is %s and no nest", a.Name, a.Wire())
	}
	return false
}

// head compares a row of the fixed header.
func (at *claim) head(size int) {
	d := at.Definition(at.header)
	if d == nil {
		at.wrong("no struct for the header")
		return
	}
	if is := at.Size(d); size != 0 && is != size {
		at.wrong("header of %d bytes, the spec's %s has %d", size, at.header, is)
	}
	path := at.called(at.name, at.row.Key)
	member, bit := path, ""
	if isBit(at.row) {
		member, bit, _ = strings.Cut(path, ".")
	}
	at.member(d, member, int(at.row.Attr), bit)
}

// member compares a row that is a member of a struct.
func (at *claim) member(d *Definition, path string, offset int, bit string) {
	m, is := at.Member(d, path)
	if m == nil {
		at.wrong("no %s in %s", path, d.Name)
		return
	}
	if is != offset {
		at.wrong("offset %d, the spec has %s at %d", offset, path, is)
	}
	at.wire(at.row.Wire, m, path)
	at.numbers(m, bit)
}

// length compares the place of a prefix's length.
func (at *claim) length() {
	name := at.name + "/length"
	member := at.called(name, at.row.Key+"-len")
	d := at.Definition(at.header)
	m, offset := at.Member(d, member)
	if m == nil || offset != int(at.row.Len) || m.Type != "u8" {
		at.wrong("prefix length at %d, the spec has %s at %d", at.row.Len, member, offset)
	}
}

// attribute compares a row within its nest.
func (at *claim) attribute(t table) {
	r := at.row
	if r.Attr6 != 0 {
		at.plain(at.called(at.name+"/ipv6", r.Key+"6"), r.Attr6)
	}
	if r.Mask != 0 {
		at.plain(at.called(at.name+"/mask", r.Key+"-mask"), r.Mask)
	}
	path := at.called(at.name, r.Key)
	name, inner, _ := strings.Cut(path, ".")
	switch {
	case isField(r.Wire) && r.Attr == 0: // in front of the attributes
		at.structure(at.header, path)
	case isField(r.Wire) && at.kindHeader(t) != "": // all of a nest that has no attributes
		at.structure(at.kindHeader(t), path)
	case isField(r.Wire), isBit(r):
		if a := at.plain(name, r.Attr); a != nil {
			at.within(a, inner)
		}
	default:
		if a := at.plain(name, r.Attr); a != nil {
			at.wire(r.Wire, a, name)
			at.numbers(a, "")
		}
	}
}

// kindHeader gives the struct that is all of the kind's nest, "" if it is none.
func (at *claim) kindHeader(t table) string {
	a := at.set.Numbered(int(at.row.Attr))
	if a == nil || a.Sub == "" || at.row.Nest != 0 {
		return ""
	}
	if f := at.Format(a.Sub, t.kind); f != nil {
		return f.Header
	}
	return ""
}

// plain finds an attribute and compares its number.
func (at *claim) plain(name string, number uint16) *Field {
	a, is := at.set.Attribute(name)
	if a == nil {
		at.wrong("no %s", name)
		return nil
	}
	if is != int(number) {
		at.wrong("attribute %d, the spec has %s at %d", number, name, is)
	}
	return a
}

// within compares a row that is a field or a bit of an attribute.
func (at *claim) within(a *Field, inner string) {
	if isBit(at.row) {
		at.wire(at.row.Wire, a, Plain(a.Name))
		at.numbers(at.flags(a), inner)
		return
	}
	at.structure(a.Struct, inner)
}

// flags gives the member that has the bits: the first of a struct.
func (at *claim) flags(a *Field) *Field {
	if d := at.Definition(a.Struct); d != nil && len(d.Members) == 2 {
		return &d.Members[0]
	}
	return a
}

// structure compares a field.
func (at *claim) structure(name, path string) {
	d := at.Definition(name)
	if d == nil {
		at.wrong("no struct")
		return
	}
	if size := at.Size(d); size != int(at.row.Size) {
		at.wrong("struct of %d bytes, the spec's %s has %d", at.row.Size, name, size)
	}
	at.member(d, path, int(at.row.Off), "")
}

// wire compares the type.
func (at *claim) wire(w object.Wire, a *Field, name string) {
	for word := range strings.SplitSeq(wires[w], " ") {
		if word == a.Wire() {
			return
		}
	}
	at.wrong("%s, the spec says that %s is %s", strings.ReplaceAll(wires[w], " ", " or "), name, a.Wire())
}

// numbers compares the words' numbers, or the bit.
func (at *claim) numbers(a *Field, bit string) {
	d := at.Definition(a.Enum)
	if isBit(at.row) {
		at.bit(a, d, bit)
		return
	}
	if d == nil {
		return
	}
	for _, w := range at.row.Enum {
		name := at.called(at.name+"="+w.Name, w.Name)
		switch n, ok := d.Number(name); {
		case !ok:
			at.wrong("no %s in %s", name, d.Name)
		case n != w.Value:
			at.wrong("%s is %d, in the spec's %s %d", w.Name, w.Value, d.Name, n)
		}
	}
}

func (at *claim) bit(a *Field, d *Definition, name string) {
	if d == nil {
		at.wrong("bit %#x, the spec has no words for the bits of %s", at.row.Bit, Plain(a.Name))
		return
	}
	if n, ok := d.Number(name); !ok || n != uint64(at.row.Bit) {
		at.wrong("bit %#x, in the spec's %s %q is %#x", at.row.Bit, d.Name, name, n)
	}
}
