package rtcfg

import (
	"os"
	"path/filepath"
	"testing"

	"bootlink/rtcfg/object"
)

// What is exported of any configuration asks for nothing that is not there: for the one
// who made it, and for one who finds it and remembers nothing.
func TestExport(t *testing.T) {
	for name, want := range configurations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.apply(want)
			first, err := w.open(want).Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			awaited := map[object.ID]bool{}
			for _, a := range first.Awaited {
				awaited[a.ID] = true
			}
			text, err := Export(t.Context(), w.options(), 0)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "router.toml")
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
			same, err := Load(file)
			if err != nil {
				t.Fatalf("%v\nin:\n%s", err, text)
			}
			w.dir = t.TempDir()
			p, err := w.open(same).Plan(t.Context())
			if err != nil {
				t.Fatalf("%v\nin:\n%s", err, text)
			}
			if !p.Empty() || len(p.Awaited) > 0 {
				t.Errorf("a plan for what is there:\n%s%v\nin:\n%s", p.Text(true), p.Awaited, text)
			}
			for _, o := range want.Objects {
				if o.Class != object.Sysctl && same.Find(o.ID) == nil && !awaited[o.ID] {
					t.Errorf("%s is not exported", o.ID)
				}
			}
		})
	}
}
