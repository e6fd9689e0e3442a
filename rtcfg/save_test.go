package rtcfg

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// spoiling puts a folder where the state file is to be, so that it cannot be
// written: once the kernel was looked at, or once the steps are done.
type spoiling struct {
	system
	dir  string
	late bool
}

func (s *spoiling) spoil() {
	file := filepath.Join(s.dir, "state.toml")
	os.Remove(file)
	os.MkdirAll(filepath.Join(file, "full"), 0o755)
}

func (s *spoiling) Observe(ctx until.Context, want *object.Desired, owned *object.Owned) (*object.Snapshot, error) {
	have, err := s.system.Observe(ctx, want, owned)
	if !s.late {
		s.spoil()
	}
	return have, err
}

func (s *spoiling) Do(ctx until.Context, steps []plan.Step, j kernel.Journal) ([]plan.Step, error) {
	done, err := s.system.Do(ctx, steps, j)
	s.spoil()
	return done, err
}

// A state file that cannot be written is no success. Before the first step it is
// told as that and nothing else; after the last one all is undone.
func TestStateNotSaved(t *testing.T) {
	for name, late := range map[string]bool{"at first": false, "in the end": true} {
		t.Run(name, func(t *testing.T) {
			w := veth(t)
			before := w.look()
			m := w.open(desired(t, "[link.v0]\naddresses = [\"10.0.0.1/24\"]\n"))
			m.sys = &spoiling{m.sys, w.dir, late}
			_, err := m.Apply(t.Context(), ApplyOptions{})
			var left *IncompleteError
			if err == nil || errors.As(err, &left) != late || !late && !strings.Contains(err.Error(), "name another with --run-dir") {
				t.Errorf("got %v", err)
			}
			if diff := lab.Diff(before, w.look()); diff != "" {
				t.Errorf("it left traces:\n%s", diff)
			}
		})
	}
}

// A file that is none ends with a fault, and soon: a device without end, a FIFO
// that nobody writes.
func TestOddFiles(t *testing.T) {
	dir := t.TempDir()
	fifo, config := filepath.Join(dir, "fifo"), filepath.Join(dir, "config")
	text := "version = 1\n[[route_file]]\npath = \"fifo\"\ntable = 9\n"
	if err := errors.Join(unix.Mkfifo(fifo, 0o600), os.WriteFile(config, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"/dev/zero": "the file has more than 16 MiB", fifo: "the file has no version", config: "it is no ordinary file"} {
		if _, err := Load(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v; want %s", file, err, want)
		}
	}
}
