package rtcfg

import (
	"os"
	"path/filepath"
	"testing"

	"bootlink/rtcfg/object"
)

// What is exported of any configuration asks for nothing that is not there: for the one
// who made it, and for one who finds it and remembers nothing. TestDiffer asks the same of
// its cases.
func TestExport(t *testing.T) {
	for name, want := range configurations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.apply(want)
			w.export(want)
		})
	}
}

// export writes down what there is: there is nothing to do for that, and of what is in
// force of a configuration nothing is forgotten.
func (w *world) export(want *object.Desired) {
	w.t.Helper()
	first, err := w.open(want).Plan(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	awaited := map[object.ID]bool{}
	for _, a := range first.Awaited {
		awaited[a.ID] = true
	}
	text, err := Export(w.t.Context(), w.options(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.t.TempDir(), "router.toml")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		w.t.Fatal(err)
	}
	same, err := Load(file)
	if err != nil {
		w.t.Fatalf("%v\nin:\n%s", err, text)
	}
	other := &world{Namespace: w.Namespace, t: w.t, dir: w.t.TempDir()}
	p, err := other.open(same).Plan(w.t.Context())
	if err != nil {
		w.t.Fatalf("%v\nin:\n%s", err, text)
	}
	if !p.Empty() || len(p.Awaited) > 0 {
		w.t.Errorf("a plan for what is there:\n%s%v\nin:\n%s", p.Text(true), p.Awaited, text)
	}
	for _, o := range want.Objects {
		if o.Class != object.Sysctl && o.Class != object.WireGuard && o.Class != object.Peer && same.Find(o.ID) == nil && !awaited[o.ID] {
			w.t.Errorf("%s is not exported:\n%s", o.ID, text)
		}
	}
}
