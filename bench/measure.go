package main

import (
	"fmt"
	"strings"

	"bootlink/bench/stopwatch"
)

// A sample is one process, timed.
type sample struct {
	tool, op string
	n, round int
	stopwatch.Sample
}

// results are all samples.
type results struct{ list []sample }

// setup is what the routes need.
const setup = `link set lo up
link add v0 type veth peer name v1
link set v1 up
link set v0 up
address add 192.0.2.1/24 dev v0
address add 2001:db8::1/64 dev v0 nodad
`

// round times every tool once.
func (r *results) round(tools []tool, dir string, n, round int) error {
	for _, t := range tools {
		if t.most > 0 && n > t.most {
			continue
		}
		err := stopwatch.InFreshNamespace(setup, func() error {
			for _, op := range ops {
				args := t.args[op]
				if args == nil {
					continue
				}
				s, err := stopwatch.In(dir).Run(strings.Join(args(n), " "))
				if err != nil {
					return fmt.Errorf("%s %s %d: %w", t.name, op, n, err)
				}
				r.list = append(r.list, sample{t.name, op, n, round, s})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
