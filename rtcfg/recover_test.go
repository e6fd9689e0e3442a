package rtcfg

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/routefile"
	"bootlink/rtcfg/undolog"
)

// killed is what stands for a kill in the middle of an apply: nothing behind it is
// done, but that the kernel lets go of the lock.
type killed struct{}

// dying is a system whose process is killed after some steps.
type dying struct {
	system
	after int
}

func (s *dying) Do(ctx until.Context, steps []plan.Step, j kernel.Journal) ([]plan.Step, error) {
	if s.after < len(steps) {
		if _, err := s.system.Do(ctx, steps[:s.after], j); err != nil {
			return nil, err
		}
		panic(killed{})
	}
	s.after -= len(steps)
	return s.system.Do(ctx, steps, j)
}

// kill applies a configuration and is killed after so many steps; false: there
// are not so many.
func (w *world) kill(want *object.Desired, after int) (died bool) {
	w.t.Helper()
	m := w.open(want)
	defer m.Close()
	m.sys = &dying{m.sys, after}
	defer func() {
		if what := recover(); what != nil {
			if _, died = what.(killed); !died {
				panic(what)
			}
		}
	}()
	if _, err := m.Apply(w.t.Context(), ApplyOptions{MaxDisruption: object.Recreate}); err != nil {
		w.t.Fatalf("%s: %v", want.File, err)
	}
	return false
}

func (w *world) options() Options { return Options{NetNS: w.Name, RunDir: w.dir} }

// Wherever an apply is killed, the next start finds the kernel as it was before.
func TestRecover(t *testing.T) {
	all := configurations(t)
	for _, way := range [][2]string{{"empty", "router"}, {"router", "objects"}, {"objects", "exchanged"}, {"stack", "tables"}, {"kinds", "down"}} {
		t.Run(way[0]+" to "+way[1], func(t *testing.T) {
			w := newWorld(t)
			w.apply(all[way[0]])
			before, state := w.look(), w.state()
			p, _ := w.open(all[way[1]]).Plan(t.Context())
			for k := 0; w.kill(all[way[1]], k); k++ {
				r, err := Recover(t.Context(), w.options())
				if err != nil || r == nil || len(r.Left) > 0 {
					t.Fatalf("killed after %d steps: %+v, %v", k, r, err)
				}
				if diff := lab.Diff(before, w.look()); diff != "" {
					t.Fatalf("killed after %d steps, then undone, the state is another:\n%s\nin:\n%s", k, diff, p.Text(true))
				}
				if again, err := Recover(t.Context(), w.options()); again != nil || err != nil {
					t.Fatalf("a second time: %+v, %v", again, err)
				}
			}
			if now := w.state(); now == state && way[0] != way[1] {
				t.Error("the state file is as before")
			}
			if r, err := Rollback(t.Context(), w.options()); err != nil || len(r.Left) > 0 {
				t.Fatalf("rollback: %+v, %v", r, err)
			}
			if diff := lab.Diff(before, w.look()); diff != "" {
				t.Errorf("after a rollback the state is another:\n%s", diff)
			}
			w.apply(all[way[0]])
		})
	}
}

// state gives the text of the state file.
func (w *world) state() string {
	text, err := os.ReadFile(filepath.Join(w.dir, "state.toml"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(text)
}

// A log that cannot be used is put aside and told; nothing is changed.
func TestUnusableLog(t *testing.T) {
	w := newWorld(t)
	want := desired(t, "[link.br0]\nkind = \"bridge\"\naddresses = [\"10.1.0.1/24\", \"10.2.0.1/24\", \"10.3.0.1/24\"]\n")
	log := filepath.Join(w.dir, undolog.Open)
	for name, spoil := range map[string]func([]byte) []byte{
		"another boot": func(b []byte) []byte { b[40] ^= 1; return b },
		"damaged":      func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"not a log":    func([]byte) []byte { return []byte("hello") },
	} {
		if !w.kill(want, 2) {
			t.Fatal("there are no two steps")
		}
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(log, spoil(append([]byte(nil), text...)), 0o600); err != nil {
			t.Fatal(err)
		}
		before := w.look()
		r, err := Recover(t.Context(), w.options())
		if err != nil || r == nil || r.Aside != filepath.Join(w.dir, undolog.Aside) || lab.Diff(before, w.look()) != "" {
			t.Errorf("%s: %+v, %v; changed: %s", name, r, err, lab.Diff(before, w.look()))
		}
		if err := os.WriteFile(log, text, 0o600); err != nil { // what it was does work
			t.Fatal(err)
		}
		if r, err := Recover(t.Context(), w.options()); err != nil || len(r.Left) > 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// dyingInTable is a system whose process is killed once a routing table is written.
type dyingInTable struct{ system }

func (s *dyingInTable) WriteTable(ctx until.Context, d *routefile.Diff) error {
	if err := s.system.WriteTable(ctx, d); err != nil {
		return err
	}
	panic(killed{})
}

// Route files are undone, too: all of a first time, and what a second one changed.
func TestRecoverRouteFiles(t *testing.T) {
	w, write := fileWorld(t)
	write("router.toml", filesConfig)
	write("a.routes", "10.1.0.0/16 via 10.0.0.2\n10.3.0.0/16 via 10.0.0.2\nblackhole 10.2.0.0/16 metric 5\nfd00:9::/48 dev v0\n")
	empty := w.Picture()
	apply := func(die bool) {
		t.Helper()
		want, err := Load(filepath.Join(w.dir, "router.toml"))
		if err != nil {
			t.Fatal(err)
		}
		m := w.open(want)
		defer m.Close()
		if die {
			m.sys = &dyingInTable{m.sys}
		}
		defer func() {
			if what := recover(); (what != nil) != die {
				t.Errorf("died: %v", what)
			}
		}()
		if _, err := m.Apply(t.Context(), ApplyOptions{}); err != nil {
			t.Error(err)
		}
	}
	back := func(before string) {
		t.Helper()
		if r, err := Recover(t.Context(), w.options()); err != nil || r == nil || len(r.Left) > 0 {
			t.Fatalf("%+v, %v", r, err)
		}
		if diff := lab.Diff(before, w.Picture()); diff != "" {
			t.Errorf("the state is another:\n%s", diff)
		}
	}
	apply(true)
	back(empty)
	apply(false)
	before := w.Picture()
	write("a.routes", "10.1.0.0/16 via 10.0.0.3\n10.4.0.0/16 via 10.0.0.2\nblackhole 10.2.0.0/16 metric 5\n")
	apply(true)
	back(before)
	apply(false)
	if r, err := Rollback(t.Context(), w.options()); err != nil || len(r.Left) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if diff := lab.Diff(before, w.Picture()); diff != "" {
		t.Errorf("after a rollback:\n%s", diff)
	}
}
