package kmod

import (
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"
)

// Counts are what the module counts of a side in one network namespace.
type Counts struct {
	_ [0]func() // no equality: it would be code

	Name    string `json:"name"`
	Clients uint64 `json:"clients"`
	Sent    uint64 `json:"sent"` // reports
	Lost    uint64 `json:"lost"` // reports that a queue, a socket or the memory had no place for, or the rate
}

// Statistics reads /proc/net/hellobye of the calling thread's network namespace, below
// root ("/"); nil where the module is not loaded.
func Statistics(root string) (sides []Counts) {
	text, _ := sysfile.Read(root + "proc/thread-self/net/hellobye")
	_, rest, _ := strings.Cut(string(text), "\n") // below the heading
	for line := ""; rest != ""; {
		line, rest, _ = strings.Cut(rest, "\n")
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		n := make([]uint64, len(f))
		for i := range f {
			n[i], _ = strconv.ParseUint(f[i], 10, 64)
		}
		c := Counts{Name: f[0], Clients: n[2], Sent: n[5], Lost: n[6] + n[7] + n[8]}
		if len(f) > 10 {
			c.Lost += n[10]
		}
		sides = append(sides, c)
	}
	return sides
}
