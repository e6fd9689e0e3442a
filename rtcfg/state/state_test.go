package state

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bootlink/rtcfg/object"
)

func link(name string) object.ID { return object.ID{Class: object.Link, Name: name} }

// What was saved is loaded, whole, and leaves no other file behind.
func TestSaveAndLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if o, err := Load(dir, 5); err != nil || len(o.Made)+len(o.Before) != 0 {
		t.Errorf("a folder that is not there: %v, %v", o, err)
	}
	o := object.NewOwned()
	o.Made[link("br0")] = 7
	o.Made[object.ID{Class: object.Address, Name: "10.0.0.1/24 dev br0"}] = 0
	o.Before[link("eth0")] = object.NewValues("alias", "a \"note\"\\ with\ttabs, \x7f and é", "bridge_port.cost", "", "mtu", "1500")
	o.Before[object.SysctlID("net/ipv4/ip_forward")] = object.NewValues("value", "0")
	for range 2 {
		if err := Save(dir, 5, o); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(dir, 5)
	if err != nil || !reflect.DeepEqual(got, o) {
		t.Errorf("Load = %+v, %v; want %+v", got, err, o)
	}
	for netns, known := range map[uint64]int{5: 2, 0: 2, 6: 0} { // 6 is another namespace of the same name
		if got, err := Load(dir, netns); err != nil || len(got.Made) != known {
			t.Errorf("in namespace %d: %+v, %v", netns, got, err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files in the folder", len(files))
	}
}

func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"":           `has version "", this bootlink knows 1: move it away`,
		"version = ": "is damaged",
		"version = 1\n[[made]]\nclass = \"planet\"\nname = \"x\"": "unknown class planet",
		"version = 2": `has version "2", this bootlink knows 1: move it away`,
	} {
		if err := os.WriteFile(filepath.Join(dir, fileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir, 5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v; want %q", text, err, want)
		}
	}
}

// A folder that cannot be written is told, and an old file stays whole.
func TestSaveFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Save(file, 5, object.NewOwned()); err == nil {
		t.Error("a file was taken for a folder")
	}
}
