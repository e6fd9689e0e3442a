package conf

import (
	"fmt"
	"strings"
)

// Pos is a place in a file; lines and columns count from 1, columns in bytes.
// The zero Pos means "no particular place".
type Pos struct {
	File string
	Line int
	Col  int
}

// String gives file:line:col, the form that editors jump to.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.File == "":
		return fmt.Sprintf("%d:%d", p.Line, p.Col)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// IsZero tells whether p names no place at all.
func (p Pos) IsZero() bool { return p == Pos{} }

// Compare orders places by file, line and column.
func (p Pos) Compare(q Pos) int {
	if c := strings.Compare(p.File, q.File); c != 0 {
		return c
	}
	if p.Line != q.Line {
		return p.Line - q.Line
	}
	return p.Col - q.Col
}
