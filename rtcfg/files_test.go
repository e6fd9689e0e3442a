package rtcfg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
)

// fileWorld is a namespace with a link and a folder for route files.
func fileWorld(t *testing.T) (w *world, write func(name, text string)) {
	t.Helper()
	w = &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}
	w.Lines("link set lo up\nlink add v0 type veth peer name v1\nlink set v0 up\nlink set v1 up\naddress add 10.0.0.1/24 dev v0\nroute add 10.99.0.0/16 via 10.0.0.9 table 200 proto 77")
	return w, func(name, text string) {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const filesConfig = `version = 1
[[route_file]]
path = "a.routes"
table = 200
[[route]]
to = "10.7.0.0/16"
via = "10.0.0.7"
table = 200
`

// Route files are written after the steps, changed, and gone when they leave the
// configuration; what others have in the table stays.
func TestRouteFiles(t *testing.T) {
	w, write := fileWorld(t)
	before := w.Picture()
	write("router.toml", filesConfig)
	write("a.routes", "10.1.0.0/16 via 10.0.0.2\nblackhole 10.2.0.0/16 metric 5\n")
	load := func() *object.Desired {
		want, err := Load(filepath.Join(w.dir, "router.toml"))
		if err != nil {
			t.Fatal(err)
		}
		return want
	}
	has := func(lines ...string) {
		t.Helper()
		out := w.IP("route", "show", "table", "200")
		for _, line := range lines {
			if !strings.Contains(out, line) {
				t.Errorf("no %q in\n%s", line, out)
			}
		}
		if got := strings.Count(out, "\n"); got != len(lines) {
			t.Errorf("%d routes; want %d:\n%s", got, len(lines), out)
		}
	}
	w.apply(load())
	has("10.1.0.0/16 via 10.0.0.2 dev v0 proto 98", "blackhole 10.2.0.0/16 proto 98 metric 5", "10.7.0.0/16 via 10.0.0.7", "10.99.0.0/16 via 10.0.0.9 dev v0 proto 77")
	write("a.routes", "10.1.0.0/16 via 10.0.0.3\n10.3.0.0/16 dev v0\n")
	w.apply(load())
	has("10.1.0.0/16 via 10.0.0.3 dev v0 proto 98", "10.3.0.0/16 dev v0 proto 98", "10.7.0.0/16 via 10.0.0.7", "10.99.0.0/16 via 10.0.0.9 dev v0 proto 77")
	write("router.toml", "version = 1\n")
	w.apply(load())
	if diff := lab.Diff(before, w.Picture()); diff != "" {
		t.Errorf("before (-) and after (+) differ:\n%s", diff)
	}
}

// A route that the kernel refuses undoes the steps, too.
func TestRouteFilesUndone(t *testing.T) {
	w, write := fileWorld(t)
	before := w.Picture()
	write("router.toml", filesConfig)
	write("a.routes", "10.1.0.0/16 via 10.0.0.2\n10.2.0.0/16 via 172.16.0.1\n")
	want, err := Load(filepath.Join(w.dir, "router.toml"))
	if err != nil {
		t.Fatal(err)
	}
	m := w.open(want)
	defer m.Close()
	_, err = m.Apply(t.Context(), ApplyOptions{MaxDisruption: object.Recreate})
	if err == nil || !strings.Contains(err.Error(), "a.routes:2:1:") || !strings.Contains(err.Error(), "invalid gateway") {
		t.Errorf("Apply: %v", err)
	}
	if diff := lab.Diff(before, w.Picture()); diff != "" {
		t.Errorf("before (-) and after (+) differ:\n%s", diff)
	}
}

// Faults of all lines are told at once, and what waits for a link is awaited.
func TestRouteFilesLoad(t *testing.T) {
	w, write := fileWorld(t)
	write("router.toml", filesConfig)
	write("a.routes", "10.1.0.0/16 vai 10.0.0.2\n\n10.2.0.1/16 dev v0\n")
	_, err := Load(filepath.Join(w.dir, "router.toml"))
	if err == nil || !strings.Contains(err.Error(), "a.routes:1:13:") || !strings.Contains(err.Error(), "a.routes:3:1:") {
		t.Errorf("Load: %v", err)
	}
	write("a.routes", "10.1.0.0/16 dev later0\n")
	want, err := Load(filepath.Join(w.dir, "router.toml"))
	if err != nil {
		t.Fatal(err)
	}
	m := w.open(want)
	defer m.Close()
	p, err := m.Plan(t.Context())
	if err != nil || len(p.Awaited) != 1 || p.Awaited[0].For != "link later0" {
		t.Errorf("Plan: %+v, %v", p, err)
	}
}
