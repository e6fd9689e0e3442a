package board

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg"
)

func tree(t *testing.T, compatible string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compatible"), []byte(compatible), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRecognise(t *testing.T) {
	b, why, err := Recognise(tree(t, "linux,dummy-virt\x00"))
	if err != nil || b.Name != "qemu-virt" || why != "linux,dummy-virt" {
		t.Fatalf("Recognise = %q, %q, %v; want qemu-virt by linux,dummy-virt", b.Name, why, err)
	}
	var unknown *UnknownError
	_, _, err = Recognise(tree(t, "acme,router-9\x00acme,soc\x00"))
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "acme,router-9, acme,soc") {
		t.Errorf("an unknown board gives %v; want its compatible strings", err)
	}
	if _, _, err = Recognise(t.TempDir()); !errors.As(err, &unknown) || len(unknown.Compatible) != 0 {
		t.Errorf("no device tree gives %v", err)
	}
}

// Each board's default configuration passes its own checks, and speaks of the
// board's own ports.
func TestDefaults(t *testing.T) {
	boards, err := All()
	if err != nil || len(boards) == 0 {
		t.Fatalf("All = %d boards, %v", len(boards), err)
	}
	for _, b := range boards {
		want, err := rtcfg.Parse(b.Name+"/router.toml", b.Router)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		macs := map[string]bool{}
		for _, o := range want.Links() {
			if o.Match != nil {
				macs[o.Match.MAC] = true
			}
		}
		for _, p := range b.Ports {
			if !macs[p.MAC] {
				t.Errorf("%s: port %s (%s) is in no [link] of its router.toml", b.Name, p.Name, p.MAC)
			}
		}
		if b.Title == "" || len(b.Compatible) == 0 || len(b.Ports) == 0 {
			t.Errorf("%s: board.toml lacks title, compatible or ports", b.Name)
		}
	}
}

// TestFolders: the table names what there is.
func TestFolders(t *testing.T) {
	found, err := filepath.Glob("*/board.toml")
	if err != nil || len(found) != len(folders) {
		t.Fatalf("%d folders have a board.toml (%v), the table has %d", len(found), err, len(folders))
	}
	for i, file := range found {
		name := filepath.Dir(file)
		board, _ := os.ReadFile(file)
		router, _ := os.ReadFile(filepath.Join(name, "router.toml"))
		if f := folders[i]; f.name != name || f.board != string(board) || f.router != string(router) {
			t.Errorf("row %d is %s and not %s with its files", i, f.name, name)
		}
	}
}
