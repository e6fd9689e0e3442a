package conf

import (
	"fmt"
	"slices"
	"strings"

	"bootlink/rtcfg/order"
)

// A Fault is one thing that is wrong in a file: where, what, and how to mend it.
type Fault struct {
	_ [0]func() // no equality: it would be code

	Pos  Pos
	What string
	Hint string
}

// Error gives "file:line:col: what: hint".
func (f Fault) Error() string {
	var parts []string
	if !f.Pos.IsZero() {
		parts = order.Also(parts, f.Pos.String())
	}
	parts = order.Also(parts, f.What)
	if f.Hint != "" {
		parts = order.Also(parts, f.Hint)
	}
	return strings.Join(parts, ": ")
}

// Faults is every fault of a file. As an error it prints one fault a line.
type Faults []Fault

// Add adds a fault; hint may be empty.
func (f *Faults) Add(pos Pos, what, hint string) {
	*f = append(*f, Fault{Pos: pos, What: what, Hint: hint})
}

// Addf adds a fault; hint may be empty.
func (f *Faults) Addf(pos Pos, hint, format string, args ...any) {
	f.Add(pos, fmt.Sprintf(format, args...), hint)
}

// twice is the fault of a key that was set before.
func (f *Faults) twice(at Pos, key string, before Pos) {
	f.Add(at, key+" is set twice", "it was set at "+before.String())
}

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.Error()
	}
	return strings.Join(lines, "\n")
}

// Err gives nil when there is no fault, and the sorted faults otherwise.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	sorted := slices.Clone(f)
	order.By(sorted, func(a, b *Fault) bool {
		c := a.Pos.Compare(b.Pos)
		return c < 0 || c == 0 && a.What < b.What
	})
	return sorted
}

// Suggest finds the word of known that a person most likely meant by word;
// it gives "" when none is near. Distances count inserted, deleted and changed
// bytes, one third of the word's length at most, and never all of it.
func Suggest(word string, known []string) string {
	best, bestDistance := "", 1+max(1, len(word)/3)
	for _, k := range known {
		if d := distance(word, k); d < bestDistance && d < len(word) {
			best, bestDistance = k, d
		}
	}
	return best
}

// distance is Levenshtein's, with one row of memory.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
