package nlcore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// A boxPage collects rows of four bytes and what they mean.
type boxPage struct {
	strings.Builder
	indent string
}

// in draws what draw does with its meanings indented.
func (p *boxPage) in(indent string, draw func()) {
	before := p.indent
	p.indent += indent
	draw()
	p.indent = before
}

func (p *boxPage) line() { p.WriteString("+-------------+\n") }

// row draws at most four bytes.
func (p *boxPage) row(b []byte, meaning string) {
	cells := strings.Repeat("   ", 4-len(b))
	line := fmt.Sprintf("| % x%s | %s%s", b, cells, p.indent, meaning)
	p.WriteString(strings.TrimRight(line, " ") + "\n")
}

// raw draws bytes that are not looked into; the first row says what they are.
func (p *boxPage) raw(b []byte, what string) {
	for at := 0; at < len(b); at += 4 {
		meaning := ""
		if at == 0 {
			meaning = fmt.Sprintf("%s, %d bytes", what, len(b))
		}
		p.row(b[at:min(at+4, len(b))], meaning)
	}
}

// value draws a payload of n bytes and its padding: as text, and as a number
// in host byte order if it is as long as one.
func (p *boxPage) value(b []byte, n int) {
	for at := 0; at < len(b); at += 4 {
		end := min(at+4, len(b))
		meaning := printable(b[at:max(at, min(end, n))])
		if end >= n {
			meaning = fmt.Sprintf("%-4s%s", meaning, number(b[:n]))
		}
		p.row(b[at:end], meaning)
	}
}

// printable gives ASCII, and a dot for all else.
func printable(b []byte) string {
	text := bytes.Clone(b)
	for i, c := range text {
		if c < ' ' || c > '~' {
			text[i] = '.'
		}
	}
	return string(text)
}

// number gives the value of one, two, four or eight bytes.
func number(b []byte) string {
	switch len(b) {
	case 1:
		return fmt.Sprintf("  %d", b[0])
	case 2:
		return fmt.Sprintf("  %d", binary.NativeEndian.Uint16(b))
	case 4:
		return fmt.Sprintf("  %d", binary.NativeEndian.Uint32(b))
	case 8:
		return fmt.Sprintf("  %d", binary.NativeEndian.Uint64(b))
	}
	return ""
}
