package main

import (
	"fmt"
	"strings"
)

// A goal is a figure that we mean to reach.
type goal struct {
	name, against string
	most          float64
	figure        func(r *results, name, against string, burst int) float64
	meaning       string
	why           string // a miss that is understood
}

// table prints everything for people.
func (r *results) table(s settings) string {
	unit := "instructions"
	if s.time {
		unit = "nanoseconds"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "pings of %d bytes, listeners ask for %d; medians of %d rounds\n", s.size, s.snaplen, s.rounds)
	r.block(&b, unit+" a packet", "%10.0f", r.of)
	r.block(&b, "ratio to "+bare, "%10.3f", func(name string, burst int) float64 { return r.ratio(name, bare, burst) })
	r.block(&b, "what is above that, ratio to "+peer, "%10.2f", func(name string, burst int) float64 { return r.extra(name, peer, burst) })
	r.spreads(&b)
	if !s.time { // noise reaches no goal and misses none
		r.verdicts(&b)
	}
	return b.String()
}

// block has a row for each case and a column for each burst.
func (r *results) block(b *strings.Builder, title, format string, figure func(name string, burst int) float64) {
	fmt.Fprintf(b, "\n%s\n%-20s", title, "packets at once")
	for _, burst := range bursts() {
		fmt.Fprintf(b, "%10d", burst)
	}
	b.WriteByte('\n')
	for _, c := range scenarios() {
		fmt.Fprintf(b, "%-20s", c.name)
		for _, burst := range bursts() {
			fmt.Fprintf(b, format, figure(c.name, burst))
		}
		b.WriteByte('\n')
	}
}

func (r *results) spreads(b *strings.Builder) {
	b.WriteString("\nrounds differ at most by\n")
	for _, c := range scenarios() {
		fmt.Fprintf(b, "%-20s%9.1f %%\n", c.name, 100*r.spread(c.name))
	}
}

func (r *results) verdicts(b *strings.Builder) {
	b.WriteString("\nwanted and measured\n")
	for _, g := range goals() {
		for _, burst := range bursts() {
			x, word := g.figure(r, g.name, g.against, burst), "reached"
			if x > g.most {
				word = strings.TrimSuffix(fmt.Sprintf("missed by %.0f %%: %s", 100*(x/g.most-1), g.why), ": ")
			}
			fmt.Fprintf(b, "%-14s of %-18s %2d at once  wanted %5.3f  measured %5.3f %s  %s\n", g.name, g.against, burst, g.most, x, g.meaning, word)
		}
	}
}
