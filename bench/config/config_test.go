package config

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bootlink/bench/stopwatch"
)

// small are the scenarios with little in them.
func small() []*Scenario { return []*Scenario{router(9), bridges(3), rules(5), routes(10)} }

// TestScenarios has all programs that are there bring all scenarios about; what
// that takes is not judged.
func TestScenarios(t *testing.T) {
	h := newTestHost(t)
	for _, s := range small() {
		r, err := measure(h, s, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range r.failures {
			t.Error(err)
		}
		for _, name := range []string{climit, "bootlink", batch} {
			for _, op := range ops {
				if len(r.of(op, name)) != 1 {
					t.Errorf("%s: %s has %d figures for %s", s.size, name, len(r.of(op, name)), op)
				}
			}
		}
		if r.ratio(apply, "bootlink", climit, wall) <= 0 {
			t.Errorf("%s: no ratio", s.size)
		}
	}
}

// TestLessIsNoticed: who leaves something out gets no figures.
func TestLessIsNoticed(t *testing.T) {
	h := newTestHost(t)
	s := router(9)
	s.lines = slices.DeleteFunc(s.lines, func(line string) bool { return line == "ip route add 10.3.0.0/16 via 192.168.10.2 protocol 98" })
	s.slow = map[string]bool{}
	r, err := measure(h, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.failures) != 2 || len(r.of(apply, batch)) != 0 {
		t.Errorf("a route too few: %d failures (want that of ip -batch and that of one a command), %d figures", len(r.failures), len(r.of(apply, batch)))
	}
}

func newTestHost(t *testing.T) *host {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "programs")
	t.Chdir("..") // where the sources are
	programs, err := build(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	h, missing, err := newHost(dir, programs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	for _, m := range missing {
		t.Log("left out: " + m)
	}
	return h
}

// TestRatio: of rounds in which both ran, each with its own.
func TestRatio(t *testing.T) {
	r := &results{}
	for _, f := range []struct {
		name  string
		round int
		wall  time.Duration
	}{{"a", 0, 10}, {"b", 0, 5}, {"a", 1, 90}, {"b", 1, 30}, {"a", 2, 8}, {"b", 2, 8}, {"a", 3, 1000}} {
		r.list = append(r.list, figure{f.name, apply, f.round, stopwatch.Sample{Wall: f.wall * time.Millisecond}})
	}
	if x := r.ratio(apply, "a", "b", wall); x != 2 {
		t.Errorf("ratio %g, want 2", x)
	}
	if x := r.ratio(again, "a", "b", wall); x != 0 {
		t.Errorf("ratio %g of nothing", x)
	}
}
