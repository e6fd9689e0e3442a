package main

import (
	"fmt"
	"slices"
	"strings"

	"bootlink/bench/stopwatch"
)

// wanted are the figures that we mean to reach, as CPU ratios.
var wanted = []struct {
	op, tool, against string
	most              float64
	why               string // a miss that is understood
}{
	{"add", "nlcore", limit, 1.15, "the runtime is told of each send, which takes the kernel a millisecond or two"},
	{"add", "nlcore", "ip -batch", 0.33, ""},
	{"add", "nlcore", "mdlayher, batches", 0.80, ""},
	{"del", "nlcore", limit, 0.70, ""},
	{"del", "nlcore", "ip -batch", 0.25, ""},
	{"parse", "nlcore", limit, 1.25, ""},
	{"parse", "nlcore", "mdlayher, batches", 0.25, ""},
	{"noop", "nlcore", limit, 1.15, "about 20 ns a route to read a record, to make the wished one and to compare them"},
	{"noop", "nlcore", "ip -batch", 0.04, ""},
	{"add", "nlcore v6", limit + " v6", 1.15, "the runtime is told of each send, which takes the kernel a millisecond or two"},
	{"parse", "nlcore v6", limit + " v6", 1.25, ""},
	{"noop", "nlcore v6", limit + " v6", 1.15, "about 20 ns a route to read a record, to make the wished one and to compare them"},
	{"del", "nlcore v6", limit + " v6", 0.70, "no order of deletion is cheaper than the ascending one in an IPv6 tree; spread ones cost twice as much"},
}

// ratio gives the median over the rounds of one tool's CPU time to another's.
func (r *results) ratio(op, tool, against string, n int) (float64, bool) {
	var ratios []float64
	for _, a := range r.list {
		for _, b := range r.list {
			if a.op == op && b.op == op && a.tool == tool && b.tool == against && a.n == n && b.n == n && a.round == b.round && b.CPU > 0 {
				ratios = append(ratios, float64(a.CPU)/float64(b.CPU))
			}
		}
	}
	return stopwatch.Median(ratios), len(ratios) > 0
}

// sizes and tools list what was measured, in order.
func (r *results) sizes() []int {
	var list []int
	for _, s := range r.list {
		if !slices.Contains(list, s.n) {
			list = append(list, s.n)
		}
	}
	return list
}

func (r *results) tools() []string {
	var list []string
	for _, s := range r.list {
		if !slices.Contains(list, s.tool) {
			list = append(list, s.tool)
		}
	}
	return list
}

// cpu gives the median CPU time of a tool, in microseconds, and its peak memory.
func (r *results) cpu(op, tool string, n int) (us float64, rss int64, ok bool) {
	var list []float64
	for _, s := range r.list {
		if s.op == op && s.tool == tool && s.n == n {
			list = append(list, float64(s.CPU.Microseconds()))
			rss = max(rss, s.RSS)
		}
	}
	return stopwatch.Median(list), rss, len(list) > 0
}

// table prints everything for people.
func (r *results) table() string {
	var b strings.Builder
	sizes := r.sizes()
	for _, op := range ops {
		fmt.Fprintf(&b, "\n%s: CPU, ratio to the C limit of the same family; peak memory at the largest table\n%-20s", op, "")
		for _, n := range sizes {
			fmt.Fprintf(&b, "%10d", n)
		}
		b.WriteByte('\n')
		for _, tool := range r.tools() {
			r.row(&b, op, tool, sizes)
		}
	}
	r.verdicts(&b, sizes[len(sizes)-1])
	r.linear(&b, sizes)
	return b.String()
}

func (r *results) row(b *strings.Builder, op, tool string, sizes []int) {
	against := limit
	if strings.HasSuffix(tool, " v6") {
		against += " v6"
	}
	line, peak := "", int64(0)
	for _, n := range sizes {
		if x, ok := r.ratio(op, tool, against, n); ok {
			line += fmt.Sprintf("%10.2f", x)
			_, peak, _ = r.cpu(op, tool, n)
		} else {
			line += fmt.Sprintf("%10s", "-")
		}
	}
	if peak > 0 {
		fmt.Fprintf(b, "%-20s%s  %7.1f MiB\n", tool, line, float64(peak)/1024)
	}
}

func (r *results) verdicts(b *strings.Builder, n int) {
	fmt.Fprintf(b, "\nwanted and measured, %d routes\n", n)
	for _, w := range wanted {
		x, ok := r.ratio(w.op, w.tool, w.against, n)
		if !ok {
			continue
		}
		fmt.Fprintf(b, "%-6s %-10s of %-18s wanted %5.2f  measured %5.2f  %s\n", w.op, w.tool, w.against, w.most, x, stopwatch.Verdict(x, w.most, w.why))
	}
}

// linear tells whether the cost of a route stays the same: the ratio to the C
// limit at the largest table over that at 10 000.
func (r *results) linear(b *strings.Builder, sizes []int) {
	last := sizes[len(sizes)-1]
	for _, op := range ops {
		small, ok1 := r.ratio(op, "nlcore", limit, 10_000)
		large, ok2 := r.ratio(op, "nlcore", limit, last)
		if ok1 && ok2 && small > 0 {
			fmt.Fprintf(b, "%-6s from 10000 to %d: ratio of ratios %.2f (wanted at most 1.20)\n", op, last, large/small)
		}
	}
}
