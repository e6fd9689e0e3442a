package conf

import (
	"strconv"
	"unicode/utf8"
)

// Append writes a table's entries as TOML, each on a line, with all that is in
// them inline. text gives the text of a string, for keys whose values mean
// something else in another place; path is the keys above and its own, with dots.
func (n *Node) Append(b []byte, text func(path string, n *Node) string) []byte {
	for i := range n.Entries {
		e := &n.Entries[i]
		b = append(AppendString(b, e.Key), " = "...)
		b = append(e.Value.inlined(b, e.Key, text), '\n')
	}
	return b
}

func (n *Node) inlined(b []byte, path string, text func(string, *Node) string) []byte {
	switch n.Kind {
	case String:
		return AppendString(b, text(path, n))
	case Array:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = item.inlined(b, path, text)
		}
		return append(b, ']')
	case Table:
		b = append(b, '{')
		for i := range n.Entries {
			e := &n.Entries[i]
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(AppendString(b, e.Key), " = "...)
			b = e.Value.inlined(b, path+"."+e.Key, text)
		}
		return append(b, '}')
	}
	return append(b, n.Text...)
}

// AppendString writes a basic string of TOML, whose escapes are some of Go's.
// What is not UTF-8 becomes U+FFFD.
func AppendString(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			hex := strconv.FormatInt(int64(r), 16)
			b = append(append(b, "\\u0000"[:6-len(hex)]...), hex...)
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
