package config

import (
	"slices"

	"bootlink/bench/stopwatch"
)

// A figure is what one step of one program took.
type figure struct {
	name, op string
	round    int
	stopwatch.Sample
}

// results are the figures of a scenario.
type results struct {
	scenario *Scenario
	where    string
	rounds   int
	list     []figure
	failures []error // of peers
}

// The quantities of a sample.
func wall(f figure) float64 { return float64(f.Wall.Microseconds()) / 1000 }
func cpu(f figure) float64  { return float64(f.CPU.Microseconds()) / 1000 }
func rss(f figure) float64  { return float64(f.RSS) / 1024 }

// names lists the programs, in the order in which they came.
func (r *results) names() (list []string) {
	for _, f := range r.list {
		if !slices.Contains(list, f.name) {
			list = append(list, f.name)
		}
	}
	return list
}

// of lists a program's figures of an operation.
func (r *results) of(op, name string) (list []figure) {
	for _, f := range r.list {
		if f.op == op && f.name == name {
			list = append(list, f)
		}
	}
	return list
}

func median(list []figure, by func(figure) float64) float64 {
	var values []float64
	for _, f := range list {
		values = append(values, by(f))
	}
	return stopwatch.Median(values)
}

// ratio gives the median over the rounds in which both ran; 0 if there is none.
func (r *results) ratio(op, name, against string, by func(figure) float64) float64 {
	var values []float64
	for _, a := range r.of(op, name) {
		for _, b := range r.of(op, against) {
			if a.round == b.round && by(b) > 0 {
				values = append(values, by(a)/by(b))
			}
		}
	}
	return stopwatch.Median(values)
}
