package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The table has all 32 buses, what the file says of them, and a reason and a mend
// for each that is missing.
func TestProbe(t *testing.T) {
	r := newRouter(t, "", "version = 1\n[probe]\nrequire = [\"route\"]\nwant = [16]\n")
	buses := decode[[]busJSON](t, r.run("probe", "--json").stdout)
	if len(buses) != 32 {
		t.Fatalf("%d buses", len(buses))
	}
	for i, b := range buses {
		if b.Number != i || !b.Present && (b.Reason == "" || b.Mend == "") {
			t.Errorf("bus %d is %+v; want a reason and a mend if it is missing", i, b)
		}
	}
	if b := buses[0]; !b.Present || b.Name != "route" || b.Need != "required" || b.Line != r.config+":3:12" {
		t.Errorf("bus 0 is %+v", b)
	}
	if b := buses[16]; b.Name != "generic" || b.Need != "wanted" || b.Line != r.config+":4:9" {
		t.Errorf("bus 16 is %+v", b)
	}
	text := r.run("probe")
	r.expect(text, exitDone)
	if lines := strings.Count(text.stdout, "\n"); lines != 33 || !strings.Contains(text.stdout, "  0  route          present  required") {
		t.Errorf("the table has %d lines:\n%s", lines, text.stdout)
	}
	r.write("version = 2\n")
	r.expect(r.run("probe"), exitUsage, "FILE:1:11: ")
}

// A board is recognised by its device tree, and its default file is a good one.
func TestBoard(t *testing.T) {
	dir := t.TempDir()
	compatible := filepath.Join(dir, "compatible")
	if o := bootlink(t, "board", "--device-tree", dir); o.code != exitFailed || !strings.Contains(o.stderr, "this machine has no device tree") {
		t.Errorf("without a device tree: %s", o)
	}
	for text, want := range map[string]string{"acme,one\x00acme,soc\x00": "no board is known as acme,one, acme,soc: name a configuration with --config", "linux,dummy-virt\x00": ""} {
		if err := os.WriteFile(compatible, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		o := bootlink(t, "board", "--device-tree", dir)
		if want != "" && (o.code != exitFailed || !strings.Contains(o.stderr, want)) {
			t.Errorf("%q: %s\nwant %q", text, o, want)
		}
		if want == "" && (o.code != exitDone || !strings.Contains(o.stdout, "board       qemu-virt") || !strings.Contains(o.stdout, "the device tree says linux,dummy-virt")) {
			t.Errorf("%q: %s", text, o)
		}
	}
	if err := os.WriteFile(compatible, []byte("linux,dummy-virt\x00"), 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "router.toml")
	if err := os.WriteFile(file, []byte(bootlink(t, "board", "--router", "--device-tree", dir).stdout), 0o644); err != nil {
		t.Fatal(err)
	}
	if o := bootlink(t, "check", file); o.code != exitDone {
		t.Errorf("the board's own file: %s", o)
	}
	b := decode[struct {
		Name  string
		Ports []struct{ Name, MAC string }
	}](t, bootlink(t, "board", "--json", "--device-tree", dir).stdout)
	if b.Name != "qemu-virt" || len(b.Ports) != 2 || b.Ports[0].MAC != "52:54:00:12:34:01" {
		t.Errorf("board --json: %+v", b)
	}
}
