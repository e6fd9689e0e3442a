package rtcfg

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
)

// Longer walks, other ways: go test ./rtcfg -v -run Walk -walk 2000 -seed 7
var (
	walkSteps = flag.Int("walk", 40, "steps of each random walk")
	walkSeed  = flag.Uint64("seed", 1, "seed of the first walk")
	walkSeeds = flag.Uint64("seeds", 3, "how many walks")
)

// surroundings are the devices that the configurations speak of, and what other
// programs made: none of it may change.
const surroundings = `
	link add eth0 address 02:00:00:00:00:01 type veth peer name cable0
	link add eth1 address 02:00:00:00:00:02 type veth peer name cable1
	link set cable0 up
	link set cable1 up
	link set eth1 mtu 1440
	address add 10.200.0.1/24 dev eth1
	link set lo up
	link add hand0 type bridge forward_delay 700
	link add hand1 type veth peer name hand2
	link set hand1 master hand0
	link set hand0 up
	link set hand1 up
	link set hand2 up
	address add 10.201.0.1/24 dev hand0
	address add 10.201.0.2/24 dev hand0
	address add fd00:201::1/64 dev hand0
	route add 10.202.0.0/16 via 10.201.0.9
	route add 10.203.0.0/16 dev hand2 proto 77 metric 3
	route add blackhole 10.204.0.0/16 proto static
	route add fd00:202::/48 via fd00:201::9 proto static`

// world is a namespace with these surroundings and a memory of its own.
type world struct {
	*lab.Namespace
	t    *testing.T
	dir  string
	seen string // the state, where it is as it was drawn last
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}
	w.Lines(surroundings)
	return w
}

// open gives a manager of a configuration.
func (w *world) open(want *object.Desired) *Manager {
	w.t.Helper()
	m, err := Open(want, Options{NetNS: w.Name, RunDir: w.dir})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { m.Close() })
	return m
}

// apply applies a configuration, and again: that must write nothing.
func (w *world) apply(want *object.Desired) {
	w.t.Helper()
	w.seen = ""
	m := w.open(want)
	defer m.Close()
	s := &stopping{system: m.sys}
	m.sys = s
	if _, err := m.Apply(w.t.Context(), ApplyOptions{MaxDisruption: object.Recreate}); err != nil {
		w.t.Fatalf("%s: %v\nin:\n%s", want.File, err, planText(s.steps))
	}
	writes := m.Writes()
	again, err := m.Apply(w.t.Context(), ApplyOptions{})
	if err != nil || len(again.Steps) > 0 || m.Writes() != writes {
		w.t.Fatalf("%s: the second apply: %v, %d writes, %+v", want.File, err, m.Writes()-writes, again)
	}
}

// look draws everything.
func (w *world) look() string {
	w.t.Helper()
	return w.Picture() + w.Sysctls()
}

// errInjected is a failure that a test wants.
var errInjected = errors.New("injected failure")

// stopping remembers the steps that it is to carry out, and fails after some.
type stopping struct {
	system
	after func(steps int) int // nil: never
	steps []plan.Step         // all that were to be done
	done  []plan.Step
}

func (s *stopping) Do(ctx until.Context, steps []plan.Step, j kernel.Journal) ([]plan.Step, error) {
	s.steps = steps
	if s.after == nil {
		return s.system.Do(ctx, steps, j)
	}
	var err error
	s.done, err = s.system.Do(ctx, steps[:s.after(len(steps))], j)
	return s.done, errors.Join(err, errInjected)
}

// fail applies a configuration and fails after some of its steps: that must
// leave the state as it was.
func (w *world) fail(want *object.Desired, after func(steps int) int) {
	w.t.Helper()
	before := w.seen
	if before == "" {
		before = w.look()
	}
	m := w.open(want)
	defer m.Close()
	s := &stopping{system: m.sys, after: after}
	m.sys = s
	_, err := m.Apply(w.t.Context(), ApplyOptions{MaxDisruption: object.Recreate})
	if s.steps == nil && err == nil {
		return // nothing to do, nothing to undo
	}
	var left *IncompleteError
	if !errors.Is(err, errInjected) || errors.As(err, &left) {
		w.t.Fatalf("%s: %v\nin:\n%s", want.File, err, planText(s.steps))
	}
	if diff := lab.Diff(before, w.look()); diff != "" {
		w.t.Fatalf("%s: after a failure the state is another:\n%s\nafter %d of:\n%s", want.File, diff, len(s.done), planText(s.steps))
	}
}

func planText(steps []plan.Step) string { return (&plan.Plan{Steps: steps}).Text(true) }

// configurations reads testdata/walk.
func configurations(t *testing.T) map[string]*object.Desired {
	t.Helper()
	files, err := filepath.Glob("testdata/walk/*.toml")
	if err != nil || len(files) < 30 {
		t.Fatalf("testdata/walk: %d files, %v", len(files), err)
	}
	all := map[string]*object.Desired{}
	for _, file := range files {
		want, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".toml")] = want
	}
	return all
}

// names lists the configurations, "empty" first.
func names(t *testing.T) []string {
	t.Helper()
	files, _ := os.ReadDir("testdata/walk")
	list := []string{"empty"}
	for _, f := range files {
		if name := strings.TrimSuffix(f.Name(), ".toml"); name != "empty" {
			list = append(list, name)
		}
	}
	return list
}

// TestWalk goes from any configuration to any other, in random order: the state
// must be that of a fresh apply, whatever came before, and a failure on the way
// must leave no trace.
func TestWalk(t *testing.T) {
	fresh := map[string]string{}
	for name, want := range configurations(t) {
		w := newWorld(t)
		w.apply(want)
		fresh[name] = w.look()
	}
	for seed := *walkSeed; seed < *walkSeed+*walkSeeds; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			r := &walker{fresh: fresh, all: configurations(t), list: names(t), random: rand.New(rand.NewPCG(seed, 0))}
			for began := time.Now(); r.steps < *walkSteps; {
				t.Run(fmt.Sprint("from step ", r.steps), func(t *testing.T) { r.walk(t, began) })
			}
		})
	}
}

// A walker takes a random way, anew after each fault that it finds, so that a
// long walk finds more than one.
type walker struct {
	fresh  map[string]string // the state that each configuration gives
	all    map[string]*object.Desired
	list   []string
	random *rand.Rand
	steps  int
}

// walk goes on in a new world until the end, or until a fault.
func (r *walker) walk(t *testing.T, began time.Time) {
	w, was := newWorld(t), "empty"
	for r.steps < *walkSteps {
		next := r.list[r.random.IntN(len(r.list))]
		r.steps++
		if r.steps%25 == 0 {
			t.Logf("%d of %d steps in %v", r.steps, *walkSteps, time.Since(began).Round(time.Second))
		}
		r.step(t, w, was, next)
		was = next
	}
	w.apply(r.all["empty"])
}

// step goes from one configuration to another, first with a failure.
func (r *walker) step(t *testing.T, w *world, was, next string) {
	defer func() {
		if t.Failed() {
			t.Logf("step %d, from %s to %s", r.steps, was, next)
		}
	}()
	w.fail(r.all[next], func(steps int) int { return r.random.IntN(steps + 1) })
	w.apply(r.all[next])
	w.seen = w.look()
	if diff := lab.Diff(r.fresh[next], w.seen); diff != "" {
		t.Fatalf("the state is not that of a fresh apply:\n%s", diff)
	}
}
