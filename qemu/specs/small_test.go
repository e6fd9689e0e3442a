package specs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/object"
)

// small is a spec with one of everything.
const small = `
name: rt-small
definitions:
  - {name: header, type: struct, members: [
      {name: family, type: u8}, {name: pad, type: pad, len: 3}, {name: flags, type: u32, enum: bits}]}
  - {name: bits, type: flags, entries: [low, {name: high, value: 4}]}
  - {name: words, type: enum, entries: [none, {name: five, value: 5}, six]}
  - {name: inner, type: struct, members: [{name: a, type: u8}, {name: b, type: u16}]}
  - {name: outer, type: struct, members: [{name: first, type: binary, struct: inner}, {name: second, type: binary, struct: inner}]}
attribute-sets:
  - {name: attrs, attributes: [
      {name: one, type: u16, byte-order: big-endian}, {name: word, type: u8, enum: words},
      {name: rta-seven, type: string, value: 7}, {name: nest, type: nest, nested-attributes: deep},
      {name: body, type: binary, struct: outer}, {name: data, type: sub-message, sub-message: kinds}]}
  - {name: deep, attributes: [{name: flags, type: u32, enum: bits}]}
sub-messages:
  - {name: kinds, formats: [{value: box, fixed-header: inner}]}
operations:
  fixed-header: header
  list: [{name: make, attribute-set: attrs, do: {request: {value: 16}}}]
`

// TestComparison has good rows, and each of them with one thing wrong.
func TestComparison(t *testing.T) {
	words := []object.Word{{Name: "five", Value: 5}, {Name: "six", Value: 6}}
	cases := []struct {
		row  object.Row
		name string // the spec's
		want string // in the difference; "" for none
	}{
		{object.Row{Attr: 1, Wire: object.Be16}, "one", ""},
		{object.Row{Attr: 1, Wire: object.U16}, "one", "u16, the spec says that one is be16"},
		{object.Row{Attr: 2, Wire: object.Be16}, "one", "attribute 2, the spec has one at 1"},
		{object.Row{Attr: 1, Wire: object.Be16}, "two", "no two"},
		{object.Row{Attr: 7, Wire: object.Text}, "seven", ""},
		{object.Row{Attr: 7, Attr6: 1, Wire: object.Text}, "seven", "no x6"},
		{object.Row{Attr: 7, Mask: 1, Wire: object.Text}, "seven", "no x-mask"},
		{object.Row{Attr: 7, Len: 2, Wire: object.Text}, "seven", "prefix length at 2"},
		{object.Row{Attr: 2, Wire: object.U8, Enum: words}, "word", ""},
		{object.Row{Attr: 2, Wire: object.U8, Enum: words[:1:1]}, "word", ""},
		{object.Row{Attr: 2, Wire: object.U8, Enum: []object.Word{{Name: "six", Value: 5}}}, "word", "six is 5, in the spec's words 6"},
		{object.Row{Attr: 2, Wire: object.U8, Enum: []object.Word{{Name: "nine", Value: 9}}}, "word", "no nine in words"},
		{object.Row{Nest: 8, Attr: 1, Wire: object.BitsU32, Bit: 16}, "flags.high", ""},
		{object.Row{Nest: 8, Attr: 1, Wire: object.BitsU32, Bit: 2}, "flags.high", `"high" is 0x10`},
		{object.Row{Nest: 7, Attr: 1, Wire: object.BitsU32, Bit: 16}, "flags.high", "rta-seven is string and no nest"},
		{object.Row{Nest: 6, Attr: 1, Wire: object.BitsU32, Bit: 16}, "flags.high", "no nest 6"},
		{object.Row{Attr: 0, Wire: object.Head8}, "family", ""},
		{object.Row{Attr: 1, Wire: object.Head8}, "family", "offset 1, the spec has family at 0"},
		{object.Row{Attr: 4, Wire: object.HeadBits, Bit: 1}, "flags.low", ""},
		{object.Row{Attr: 4, Wire: object.HeadBits8, Bit: 1}, "flags.low", "u8, the spec says that flags is u32"},
		{object.Row{Attr: 9, Wire: object.Field16, Off: 4, Size: 6}, "body.second.b", ""},
		{object.Row{Attr: 9, Wire: object.Field16, Off: 5, Size: 6}, "body.second.b", "offset 5, the spec has second.b at 4"},
		{object.Row{Attr: 9, Wire: object.Field16, Off: 4, Size: 8}, "body.second.b", "struct of 8 bytes, the spec's outer has 6"},
		{object.Row{Attr: 10, Wire: object.Field16, Off: 1, Size: 3}, "b", ""},
		{object.Row{Attr: 10, Wire: object.Field8, Off: 1, Size: 3}, "b", "u8 or binary, the spec says that b is u16"},
		{object.Row{Wire: object.None}, "", "no attribute is this row's alone"},
	}
	f, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range cases {
		test.row.Key = "x"
		c := &comparison{families: map[string]*Family{f.Name: f}, names: map[string]string{"t.x": test.name}, used: map[string]bool{}}
		c.table(table{name: "t", rows: []object.Row{test.row}, family: "rt-small", op: "make", size: 8, kind: "box"})
		got := strings.Join(c.differ, "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q; want %q", test.name, got, test.want)
		}
	}
}

// TestComparisonOfPlaces: what is not in the specs at all.
func TestComparisonOfPlaces(t *testing.T) {
	f, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	rows := []object.Row{{Key: "x", Attr: 10, Wire: object.U8}}
	head := []object.Row{{Key: "family", Wire: object.Head8}}
	for want, in := range map[string]table{
		"t.x: no spec rt-none":  {name: "t", rows: rows, family: "rt-none", op: "make"},
		"t.x: no destroy":       {name: "t", rows: rows, family: "rt-small", op: "destroy"},
		"t.x: no bag in kinds":  {name: "t", rows: rows, family: "rt-small", op: "make", inner: []nest{"data"}, kind: "bag"},
		"header of 12 bytes":    {name: "t", rows: head, family: "rt-small", op: "make", size: 12},
		"t.x: no x":             {name: "t", rows: rows, family: "rt-small", op: "make"},
		"t.x: no nest none":     {name: "t", rows: rows, family: "rt-small", op: "make", inner: []nest{"none"}},
		"t.x: one is be16 and ": {name: "t", rows: rows, family: "rt-small", op: "make", inner: []nest{"one"}},
	} {
		c := &comparison{families: map[string]*Family{f.Name: f}}
		c.table(in)
		if got := strings.Join(c.differ, "\n"); !strings.Contains(got, want) {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	folder := t.TempDir()
	if _, err := Load(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no specs: %v", err)
	}
	file := filepath.Join(folder, "rt-small.yaml")
	for text, good := range map[string]bool{small: true, "name: x\n": false, "name: [x\n": false} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		families, err := Load(folder)
		switch {
		case good && (err != nil || families["rt-small"] == nil):
			t.Errorf("%v, %v", families, err)
		case !good && (err == nil || !strings.Contains(err.Error(), file)):
			t.Errorf("%q: %v; want an error that names %s", text, err, file)
		}
	}
}
