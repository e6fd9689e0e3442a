package config

import (
	"os"
	"path/filepath"
	"testing"

	"bootlink/qemu/vm"
)

// TestGuest has all programs of the guest bring its scenario about.
func TestGuest(t *testing.T) {
	t.Chdir("..")
	root, err := vm.Root()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "build/image/router.cpio")); err != nil {
		t.Skipf("no image (make image): %v", err)
	}
	g, err := newGuest(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	s := vlans(3)
	r, err := measure(g, s, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range r.failures {
		t.Error(err)
	}
	for _, name := range r.names() {
		t.Logf("%s: %.1f, %.1f, %.1f ms", name, median(r.of(apply, name), wall), median(r.of(again, name), wall), median(r.of(change, name), wall))
	}
	if r.ratio(apply, "bootlink", climit, wall) <= 0 {
		t.Errorf("%s: no ratio", s.size)
	}
}
