package main

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// included makes conf.d beside the configuration; put writes a file of it.
func (r *router) included() (put func(name, text string) string) {
	r.t.Helper()
	folder := filepath.Join(filepath.Dir(r.config), "conf.d")
	if err := os.Mkdir(folder, 0o755); err != nil {
		r.t.Fatal(err)
	}
	return func(name, text string) string {
		r.t.Helper()
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
		return name
	}
}

const including = "version = 1\ninclude = [\"conf.d/*.toml\"]\n[link.eth0]\nmtu = 1400\n"

// A link that stands in two files is one, and what leaves with a file is undone.
func TestInclude(t *testing.T) {
	r := newRouter(t, devices, including)
	same := r.unchanged()
	put := r.included()
	name := put("10-lan.toml", "[link.eth0]\nmaster = \"br0\"\n[link.br0]\nkind = \"bridge\"\naddresses = [\"192.0.2.1/24\"]\n")
	put("20-ways.toml", "[[route]]\nto = \"10.0.0.0/8\"\nvia = \"192.0.2.2\"\n")
	r.expect(r.run("plan", "--exit-code"), exitToDo)
	r.settled()
	r.expect(r.run("plan", "--exit-code"), exitDone)
	if o := r.run("status", "--json"); o.code != exitDone {
		t.Errorf("status: %s", o)
	}
	if link := r.Link("eth0"); link["mtu"] != 1400.0 || link["master"] != "br0" {
		t.Errorf("eth0 has mtu %v and master %v", link["mtu"], link["master"])
	}
	os.Remove(name)
	put("20-ways.toml", "")
	r.settled()
	r.write(empty)
	r.settled()
	same()
}

// A fault in an included file is told with its place there, by every command.
func TestIncludeRefused(t *testing.T) {
	r := newRouter(t, devices, including)
	name := r.included()("10-wan.toml", "[link.eth1]\nmaster = \"br9\"\n[link.eth0]\nmtu = 1500\n")
	same := r.unchanged()
	for _, command := range []string{"check", "plan", "apply", "status", "run"} {
		r.expect(r.run(command), exitUsage, name+":4:1: link.eth0.mtu is set twice: it was set at FILE:4:1")
	}
	if err := os.Chmod(name, 0); err != nil {
		t.Fatal(err)
	}
	for dir := filepath.Dir(r.config); dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.expect(r.as(65534, "check"), exitUsage, "FILE:2:12: open "+name+": permission denied: what is named must be there and readable")
	if err := os.Chmod(filepath.Dir(name), 0); err != nil {
		t.Fatal(err)
	}
	r.expect(r.as(65534, "check"), exitUsage, "FILE:2:12: open "+filepath.Dir(name)+": permission denied: ")
	same()
}

// SIGHUP reads the included files, too: new ones, changed ones, and those with
// faults, which leave things as they are.
func TestRunInclude(t *testing.T) {
	r := newRouter(t, devices, including)
	put := r.included()
	d := r.start()
	d.waitFor(r.config+" is in force", 1)
	name := put("10-wan.toml", "[link.eth1]\nmtu = 1300\n")
	d.signal(unix.SIGHUP)
	d.waitFor(r.config+" is in force", 2)
	if mtu := r.Link("eth1")["mtu"]; mtu != 1300.0 {
		t.Errorf("eth1 has MTU %v; want 1300", mtu)
	}
	put("10-wan.toml", "[link.eth1]\nmtu = 13\n")
	d.signal(unix.SIGHUP)
	d.waitFor("the configuration in force stays: "+name+":2:7: mtu 13 is out of range", 1)
	if mtu := r.Link("eth1")["mtu"]; mtu != 1300.0 {
		t.Errorf("after a fault eth1 has MTU %v; want 1300", mtu)
	}
	if code := d.ends(unix.SIGTERM); code != exitDone {
		t.Errorf("run ends with %d", code)
	}
}
