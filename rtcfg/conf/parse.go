package conf

import (
	"errors"
	"strings"

	"bootlink/rtcfg/order"

	"github.com/pelletier/go-toml/v2/unstable"
)

// MaxSize bounds a configuration file. Large tables belong in a route_file.
const MaxSize = 16 << 20

// Parse reads TOML text; file is the name that positions show. The tree is
// what could be understood, even when there are faults.
func Parse(file string, text []byte) (*Node, Faults) {
	r := &reader{file: file, root: &Node{Kind: Table, Pos: Pos{File: file, Line: 1, Col: 1}}}
	if len(text) > MaxSize {
		r.faults.Addf(Pos{File: file}, "keep large route tables in a route_file", "the file has more than %d MiB", MaxSize>>20)
		return r.root, r.faults
	}
	r.lines, r.line = lineStarts(text), 1
	r.table = r.root
	r.parser.Reset(text)
	for r.parser.NextExpression() {
		r.expression(r.parser.Expression())
	}
	if err := r.parser.Error(); err != nil {
		r.syntax(err)
	}
	return r.root, r.faults
}

type reader struct {
	file   string
	parser unstable.Parser
	lines  []int // offset of each line's first byte
	line   int   // the last that was looked for: they come in order
	root   *Node
	table  *Node // where key = value lines go now; nil below a faulty header
	faults Faults

	path   []string // of the last key; who reads a value forgets it
	at     []Pos
	common []string // the first keys of the file
}

func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, b := range text {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

func (r *reader) pos(offset int) Pos {
	for r.line < len(r.lines) && r.lines[r.line] <= offset {
		r.line++
	}
	for r.lines[r.line-1] > offset {
		r.line--
	}
	return Pos{File: r.file, Line: r.line, Col: offset - r.lines[r.line-1] + 1}
}

func (r *reader) place(n *unstable.Node) Pos { return r.pos(int(n.Raw.Offset)) }

func (r *reader) syntax(err error) {
	var parse *unstable.ParserError
	if !errors.As(err, &parse) {
		r.faults.Addf(Pos{File: r.file}, "", "not TOML: %v", err)
		return
	}
	offset := cap(r.parser.Data()) - cap(parse.Highlight)
	if parse.Highlight == nil || offset < 0 || offset > len(r.parser.Data()) {
		offset = len(r.parser.Data())
	}
	r.faults.Addf(r.pos(offset), "", "not TOML: %s", parse.Message)
}

func (r *reader) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table:
		r.table = r.openTable(n)
	case unstable.ArrayTable:
		r.table = r.openArrayTable(n)
	case unstable.KeyValue:
		if r.table != nil {
			r.keyValue(r.table, n)
		}
	}
}

// keys reads the dotted key of an expression. What it gives holds until the next.
func (r *reader) keys(n *unstable.Node) (keys []string, at []Pos) {
	r.path, r.at = r.path[:0], r.at[:0]
	for it := n.Key(); it.Next(); {
		r.path = order.Also(r.path, r.key(it.Node().Data))
		r.at = append(r.at, r.place(it.Node()))
	}
	return r.path, r.at
}

// key gives a key as text, of which there is one for all that are the same: the
// tables of a list have the same keys.
func (r *reader) key(data []byte) string {
	for _, key := range r.common {
		if key == string(data) {
			return key
		}
	}
	key := string(data)
	if len(r.common) < 16 {
		r.common = order.Also(r.common, key)
	}
	return key
}

// descend walks through the tables of a dotted key's front part, making those
// that are missing. It gives nil, and a fault, when something else is there.
func (r *reader) descend(from *Node, keys []string, at []Pos) *Node {
	for i, key := range keys {
		next := from.Get(key)
		switch {
		case next == nil:
			next = &Node{Kind: Table, Pos: at[i]}
			from.Entries = append(from.Entries, Entry{Key: key, Pos: at[i], Value: next})
		case next.Kind == Array && next.tables:
			next = next.Items[len(next.Items)-1]
		case next.Kind != Table || next.inline:
			r.duplicate(at[i], keys[:i+1], next)
			return nil
		}
		from = next
	}
	return from
}

func (r *reader) openTable(n *unstable.Node) *Node {
	keys, at := r.keys(n)
	last := len(keys) - 1
	parent := r.descend(r.root, keys[:last], at[:last])
	if parent == nil {
		return nil
	}
	old := parent.Get(keys[last])
	if old != nil && (old.Kind != Table || old.closed) {
		r.duplicate(at[last], keys, old)
		return nil
	}
	table := r.descend(parent, keys[last:], at[last:])
	table.closed, table.Pos = true, at[last]
	return table
}

func (r *reader) openArrayTable(n *unstable.Node) *Node {
	keys, at := r.keys(n)
	last := len(keys) - 1
	parent := r.descend(r.root, keys[:last], at[:last])
	if parent == nil {
		return nil
	}
	array := parent.Get(keys[last])
	if array == nil {
		array = &Node{Kind: Array, Pos: at[last], tables: true}
		parent.Entries = append(parent.Entries, Entry{Key: keys[last], Pos: at[last], Value: array})
	}
	if !array.tables {
		r.duplicate(at[last], keys, array)
		return nil
	}
	table := &Node{Kind: Table, Pos: at[last], closed: true, Entries: make([]Entry, 0, 4)}
	array.Items = append(array.Items, table)
	return table
}

func (r *reader) keyValue(table *Node, n *unstable.Node) {
	keys, at := r.keys(n)
	last := len(keys) - 1
	for i := range last { // a dotted key may not reach into a table that was closed
		if old := table.Get(keys[i]); old != nil && old.closed {
			r.duplicate(at[i], keys[:i+1], old)
			return
		}
		if table = r.descend(table, keys[i:i+1], at[i:i+1]); table == nil {
			return
		}
	}
	if old := table.Get(keys[last]); old != nil {
		r.duplicate(at[last], keys, old)
		return
	}
	e := Entry{Key: keys[last], Pos: at[last]}
	e.Value = r.value(n.Value(), e.Pos)
	table.Entries = append(table.Entries, e)
}

var scalars = map[unstable.Kind]Kind{
	unstable.Bool: Bool, unstable.Float: Float, unstable.Integer: Integer,
	unstable.LocalDate: Time, unstable.LocalTime: Time, unstable.LocalDateTime: Time, unstable.DateTime: Time,
}

// value reads a value. Arrays have no place of their own in the AST: they take
// their key's.
func (r *reader) value(n *unstable.Node, key Pos) *Node {
	pos := key
	if n.Raw.Length > 0 {
		pos = r.place(n)
	}
	switch n.Kind {
	case unstable.String:
		return &Node{Kind: String, Pos: pos, Text: string(n.Data)}
	case unstable.Array:
		array := &Node{Kind: Array, Pos: pos}
		for it := n.Children(); it.Next(); {
			array.Items = append(array.Items, r.value(it.Node(), pos))
		}
		return array
	case unstable.InlineTable:
		table := &Node{Kind: Table, Pos: pos}
		for it := n.Children(); it.Next(); {
			r.keyValue(table, it.Node())
		}
		table.closed, table.inline = true, true
		return table
	}
	return &Node{Kind: scalars[n.Kind], Pos: pos, Text: string(n.Data)}
}

func (r *reader) duplicate(at Pos, keys []string, old *Node) {
	r.faults.twice(at, strings.Join(keys, "."), old.Pos)
}
