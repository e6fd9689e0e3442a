package routefile

import (
	"fmt"

	"bootlink/rtcfg/conf"
)

// maxListed is how many faults, and how many refused routes, an error names.
// The rest is a number, so that a file of garbage costs no memory.
const maxListed = 100

// wrong is what is the matter with a word of a line.
type wrong struct {
	_ [0]func() // no equality: it would be code

	col        int // from 1
	what, hint string
}

func wrongf(col int, hint, format string, args ...any) *wrong {
	return &wrong{col: col, what: fmt.Sprintf(format, args...), hint: hint}
}

// collector keeps the first faults and counts the others.
type collector struct {
	listed conf.Faults
	more   int
	last   conf.Pos // of all faults, in the order of conf.Pos
}

func (c *collector) add(pos conf.Pos, what, hint string) {
	if c.last.Compare(pos) < 0 {
		c.last = pos
	}
	if len(c.listed) == maxListed {
		c.more++
		return
	}
	c.listed = append(c.listed, conf.Fault{Pos: pos, What: what, Hint: hint})
}

// err gives nil, or a conf.Faults that ends with the number of the rest.
func (c *collector) err() error {
	if c.more > 0 {
		c.listed = append(c.listed, conf.Fault{Pos: c.last, What: fmt.Sprintf("%d more faults up to here", c.more)})
	}
	return c.listed.Err()
}

// quote gives a word of a file for a message, cut where it is too long.
func quote(b []byte) string {
	const most = 64
	if len(b) > most {
		return fmt.Sprintf("%q...", b[:most])
	}
	return fmt.Sprintf("%q", b)
}
