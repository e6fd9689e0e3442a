package main

import "slices"

// A key is a case at a burst.
type key struct {
	name  string
	burst int
}

// results are what a packet took, by case and burst, a figure a round.
type results struct{ cost map[key][]float64 }

func (r *results) add(name string, burst int, cost float64) {
	if r.cost == nil {
		r.cost = map[key][]float64{}
	}
	k := key{name, burst}
	r.cost[k] = append(r.cost[k], cost)
}

// of gives the median over the rounds.
func (r *results) of(name string, burst int) float64 { return median(r.cost[key{name, burst}]) }

// ratio gives a case's whole cost, of another's.
func (r *results) ratio(name, against string, burst int) float64 {
	return r.of(name, burst) / r.of(against, burst)
}

// extra gives what a case adds to a bare packet, of what another adds.
func (r *results) extra(name, against string, burst int) float64 {
	return r.above(name, burst) / r.above(against, burst)
}

func (r *results) above(name string, burst int) float64 { return r.of(name, burst) - r.of(bare, burst) }

// spread gives the largest distance between two rounds of a case at a burst,
// of its cost.
func (r *results) spread(name string) (most float64) {
	for k, list := range r.cost {
		if k.name == name {
			most = max(most, slices.Max(list)/slices.Min(list)-1)
		}
	}
	return most
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2
}
