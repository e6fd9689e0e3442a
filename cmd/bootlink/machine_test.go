package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/caps"
)

// The table has all 32 buses, what the file says of them, and a reason and a mend
// for each that is missing.
func TestProbe(t *testing.T) {
	r := newRouter(t, "", "version = 1\n[probe]\nrequire = [\"route\"]\nwant = [16]\n")
	buses := decode[caps.Report](t, r.run("probe", "--json").stdout).Buses
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
	if table, _, _ := strings.Cut(text.stdout, "\n\n"); strings.Count(table, "\n") != 32 || !strings.Contains(text.stdout, "  0  route          present  required") {
		t.Errorf("the table is:\n%s", text.stdout)
	}
	r.write("version = 2\n")
	r.expect(r.run("probe"), exitUsage, "FILE:1:11: ")
}

// What a kernel has is saved, and a build host refuses what that kernel cannot do.
func TestProbeSaved(t *testing.T) {
	r := newRouter(t, "", "version = 1\n[link.v0]\nkind = \"veth\"\nveth = { peer = \"v1\" }\n")
	file := filepath.Join(t.TempDir(), "caps.json")
	r.expect(r.run("probe", "--save", file), exitDone)
	r.expect(bootlink(t, "check", "--caps", file, r.config), exitDone)
	report, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	shown := decode[caps.Report](t, r.run("probe", "--json", "--no-autoload").stdout)
	saved := decode[caps.Report](t, string(report))
	if len(shown.Features) != len(saved.Features) || shown.Release != saved.Release {
		t.Errorf("shown: %+v\nsaved: %+v", shown, saved)
	}
	for i, s := range saved.Features {
		if s.State == caps.Unknown || s.Name == "kind veth" && s.State != caps.BuiltIn && s.State != caps.Present && s.State != caps.Loaded {
			t.Errorf("%s is %s", s.Name, s.State)
		}
		if s.Name == "kind veth" {
			saved.Features[i].State = caps.NotBuilt
		}
	}
	saved.Buses[11].Present = false
	text, err := json.Marshal(saved)
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	r.expect(bootlink(t, "check", "--caps", file, r.config), exitLacks, "FILE:2:7: link v0 needs kind veth: this kernel has none (not built): enable CONFIG_VETH, or install and load module veth")
	r.write("version = 1\n[probe]\nrequire = [\"route\", \"connector\"]\n")
	r.expect(bootlink(t, "check", "--caps", file, r.config), exitLacks, "FILE:3:", "netlink bus connector is required and missing")
	if err := os.WriteFile(file, text[:len(text)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	r.expect(bootlink(t, "check", "--caps", file, r.config), exitUsage, "caps.json:1:", "this is no JSON")
	r.expect(bootlink(t, "check", "--caps", file+"x", r.config), exitFailed, "caps.jsonx")
}

// What the file asks for and the kernel has not is listed with its lines; it is a failure
// of a probe for that file.
func TestProbeForFile(t *testing.T) {
	r := newRouter(t, "", "version = 1\n[link.v0]\nmtu = 1400\n[link.\"v0.5\"]\nkind = \"vlan\"\nvlan = { link = \"v0\", id = 5 }\n")
	o := r.run("probe")
	r.expect(o, exitLacks, `FILE:4:7: link v0.5 needs kind vlan: this kernel has none (not built): enable CONFIG_VLAN_8021Q, or install and load module 8021q`)
	if !strings.Contains(o.stdout, "link kinds: ") {
		t.Errorf("no table: %s", o)
	}
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
