package config

import (
	"fmt"
	"strings"
)

// table prints medians, and the medians of ratios within a round.
func (r *results) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s%s; medians of %d rounds, of ratios within a round\n%-8s%-20s%11s%11s%9s%9s%9s%9s%9s\n", r.scenario.size, r.where, r.rounds,
		"", "", "wall ms", "cpu ms", "MiB", "wall/C", "cpu/C", "wall/ip", "cpu/ip")
	for _, op := range ops {
		for _, name := range r.names() {
			list := r.of(op, name)
			if len(list) == 0 {
				continue
			}
			fmt.Fprintf(&b, "%-8s%-20s%11.2f%11.2f%9.1f", op, name, median(list, wall), median(list, cpu), median(list, rss))
			for _, against := range []string{climit, batch} {
				fmt.Fprintf(&b, "%9.2f%9.2f", r.ratio(op, name, against, wall), r.ratio(op, name, against, cpu))
			}
			if r.scenario.slow[name] {
				b.WriteString("  one round")
			}
			b.WriteByte('\n')
		}
	}
	for _, err := range r.failures {
		fmt.Fprintf(&b, "left out: %v\n", err)
	}
	return b.String()
}
