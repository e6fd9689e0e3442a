package config

import (
	"fmt"
	"strings"

	"bootlink/bench/stopwatch"
)

// A goal is a figure that bootlink is meant to reach: at most so much of
// another's, or so many MiB.
type goal struct {
	scenario, op string
	by           func(figure) float64
	unit         string
	against      string // "": the figure itself
	most         float64
	why          string // a miss that is understood
}

func goals() []goal {
	return []goal{
		{"router", apply, wall, "wall time", climit, 2, ""},
		{"router", again, wall, "wall time", climit, 2, ""},
		{"boot", apply, wall, "wall time", busyboxScript, 0.3, "the start of a Go program is 3 ms, the kernel's part is 7"},
		{"boot200", apply, wall, "wall time", busyboxScript, 0.3, ""},
		{"bridges", apply, wall, "wall time", batch, 1.2, ""},
		{"bridges", apply, wall, "wall time", networkd, 0.2, ""},
		{"routes", apply, cpu, "CPU time", climit, 1.6, ""},
		{"routes", again, cpu, "CPU time", batch, 0.1, ""},
		{"routes", apply, rss, "MiB", "", 64, ""},
		{"routes", again, rss, "MiB", "", 64, ""},
		{"routes", change, rss, "MiB", "", 64, ""},
	}
}

// verdicts compares a scenario's goals with what a program reached.
func (r *results) verdicts(name string) string {
	var b strings.Builder
	for _, g := range goals() {
		if g.scenario != r.scenario.name {
			continue
		}
		x, what := median(r.of(g.op, name), g.by), g.unit
		if g.against != "" {
			x, what = r.ratio(g.op, name, g.against, g.by), g.unit+" of "+g.against
		}
		if x > 0 {
			fmt.Fprintf(&b, "%-8s%-20s%-32s wanted %6.2f  measured %6.2f  %s\n", g.op, name, what, g.most, x, stopwatch.Verdict(x, g.most, g.why))
		}
	}
	return b.String()
}
