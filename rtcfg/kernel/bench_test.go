package kernel

import (
	"fmt"
	"testing"

	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
)

// routeSteps are n routes, each a step.
func routeSteps(n int) (steps []plan.Step) {
	for i := range n {
		to := fmt.Sprintf("16.%d.%d.0/24", i>>8, i&255)
		steps = append(steps, plan.Step{Write: object.Write{Op: object.Create, ID: object.ID{Class: object.Route, Name: to + " table 254 metric 0"},
			Values: object.NewValues("to", to, "dev", "v0", "type", "unicast", "scope", "link", "table", "254", "metric", "0")}})
	}
	return steps
}

// A plan of 10000 steps there and back, together and step by step.
func BenchmarkDoAndUndo(b *testing.B) {
	for _, c := range []struct {
		name string
		at   int // steps handed over at a time
	}{{"together", 10_000}, {"each", 1}} {
		b.Run(c.name, func(b *testing.B) {
			ns := lab.New(b)
			ns.Lines("link add v0 type veth peer name v1\nlink set v0 up\nlink set v1 up")
			s, err := Open(ns.Name, 98, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			steps := routeSteps(10_000)
			for b.Loop() {
				for i := 0; i < len(steps); i += c.at {
					if _, err := s.Do(b.Context(), steps[i:i+c.at], Journal{}); err != nil {
						b.Fatal(err)
					}
				}
				for i := len(steps); i > 0; i -= c.at {
					if left := s.Undo(b.Context(), plan.Inverses(steps[i-c.at:i]), 0, Journal{}); left != nil {
						b.Fatal(left)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*2*len(steps)), "us/step")
		})
	}
}
