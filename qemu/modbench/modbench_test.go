package main

import (
	"slices"
	"strings"
	"testing"
)

// Every case runs in a guest, with a few packets; what they cost is not judged,
// but that listeners make them dearer is.
func TestScenarios(t *testing.T) {
	g, err := boot(t.Context(), settings{packets: 64, size: 84, snaplen: 128})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	var all results
	for _, c := range slices.Backward(scenarios()) { // the other way round: none needs what another leaves
		c.part = 1
		cost, err := g.cost(t.Context(), c, 16)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		all.add(c.name, 16, cost)
	}
	for _, c := range scenarios() {
		if c.name == bare || c.name == "no client" {
			continue
		}
		if x := all.ratio(c.name, bare, 16); x < 1.1 {
			t.Errorf("%s: %.2f of a packet that nobody listens to", c.name, x)
		}
	}
}

// A run in which packets are lost fails: more come at once than the module
// queues (256).
func TestLossFails(t *testing.T) {
	g, err := boot(t.Context(), settings{packets: 2048, size: 84, snaplen: 128})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	lossy := scenario{args: []string{"-module", "-hello", "1"}, part: 1}
	if cost, err := g.cost(t.Context(), lossy, 1024); err == nil || !strings.Contains(err.Error(), "modbench: ") {
		t.Errorf("1024 packets at once cost %g, %v; want a failure", cost, err)
	}
}

func TestFigures(t *testing.T) {
	var r results
	for _, c := range []struct {
		name string
		cost []float64
	}{{bare, []float64{100, 104, 90}}, {peer, []float64{150, 149, 151}}, {"a client", []float64{125, 300}}} {
		for _, cost := range c.cost {
			r.add(c.name, 1, cost)
		}
	}
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"median of three", r.of(bare, 1), 100},
		{"median of two", r.of("a client", 1), 212.5},
		{"median of none", r.of("a client", 4), 0},
		{"ratio", r.ratio(peer, bare, 1), 1.5},
		{"extra", r.extra("a client", peer, 1), 2.25},
		{"spread", r.spread("a client"), 1.4},
	} {
		if diff := c.got - c.want; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: %g; want %g", c.what, c.got, c.want)
		}
	}
}
