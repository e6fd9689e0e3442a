package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

// devices stand for a router's network cards: veths whose other ends are cables
// to nowhere.
const devices = `
	link add eth0 address 02:00:00:00:00:01 type veth peer name cable0
	link add eth1 address 02:00:00:00:00:02 type veth peer name cable1
	link set eth1 mtu 1400
	link set lo up`

// whole has one of everything that this kernel can do.
const whole = `
version = 1

[sysctl]
"net.ipv4.ip_forward" = 1
"net.ipv6.conf.all.forwarding" = 1

[link.lan1]
match  = { mac = "02:00:00:00:00:01" }
master = "br-lan"
bridge_port = { hairpin = true }

[link.br-lan]
kind      = "bridge"
bridge    = { stp_state = false, ageing_time = 20000 }
addresses = ["192.168.10.1/24", "fd00:10::1/64"]
sysctl    = { "ipv6.accept_ra" = 0 }

[link.wan]
match     = { mac = "02:00:00:00:00:02" }
mtu       = 1450
alias     = "to the provider"
addresses = [{ local = "203.0.113.2/30", label = "wan:1" }, "2001:db8:1::2/64"]

[link.guest0]
kind      = "veth"
veth      = { peer = "guest1" }
addresses = [{ local = "192.168.20.1/32", peer = "192.168.20.2" }]

[link.guest1]
mtu = 1300

[[route]]
to  = "default"
via = "203.0.113.1"

[[route]]
to  = "default"
via = "2001:db8:1::1"

[[route]]
to     = "10.0.0.0/8"
via    = "192.168.10.2"
metric = 200

[[route]]
to    = "10.1.0.0/16"
dev   = "guest0"
table = 1000
src   = "192.168.10.1"

[[route]]
to   = "192.0.2.0/24"
type = "blackhole"
`

const empty = "version = 1\n"

func TestApply(t *testing.T) {
	r := newRouter(t, devices, whole)
	same := r.unchanged()
	plan := r.run("plan", "--exit-code")
	r.expect(plan, exitToDo)
	same()
	first := r.settled()
	if len(first.Steps) == 0 || first.Writes < uint64(len(first.Steps)) {
		t.Errorf("the first apply took %d steps with %d writes", len(first.Steps), first.Writes)
	}
	shown := decode[planJSON](t, r.run("plan", "--json").stdout)
	if len(shown.Steps) != 0 {
		t.Errorf("plan after apply: %+v", shown.Steps)
	}
	for _, step := range first.Steps { // what a setting was may be known only once its link exists
		if line, _, _ := strings.Cut(step, " (was "); !strings.Contains(plan.stdout, line) {
			t.Errorf("apply took a step that plan had not shown: %s", step)
		}
	}
	r.expect(r.run("plan", "--exit-code"), exitDone)
	wantShown(t, r)
}

// wantShown holds what iproute2 and /proc show against the file.
func wantShown(t *testing.T, r *router) {
	t.Helper()
	for _, want := range []struct{ link, field, value string }{
		{"lan1", "master", "br-lan"}, {"lan1", "linkinfo.info_slave_data.hairpin", "true"},
		{"lan1", "address", "02:00:00:00:00:01"},
		{"br-lan", "linkinfo.info_data.ageing_time", "20000"}, {"br-lan", "linkinfo.info_data.stp_state", "0"},
		{"wan", "mtu", "1450"}, {"wan", "ifalias", "to the provider"},
		{"guest1", "mtu", "1300"}, {"guest1", "link", "guest0"},
	} {
		if line := "link " + want.link + " " + want.field + " " + want.value + "\n"; !strings.Contains(r.Picture(), line) {
			t.Errorf("ip does not show %q", line)
		}
	}
	if line := `addr wan {"family":"inet","label":"wan:1","local":"203.0.113.2",`; !strings.Contains(r.Picture(), line) {
		t.Errorf("ip does not show %s", line)
	}
	for _, want := range []struct{ args, text string }{
		{"-br address show dev br-lan", "192.168.10.1/24 fd00:10::1/64"},
		{"-br address show dev guest0", "192.168.20.1 peer 192.168.20.2/32"},
		{"route show default", "default via 203.0.113.1 dev wan proto 98"},
		{"-6 route show default", "default via 2001:db8:1::1 dev wan proto 98 metric 1024"},
		{"route show 10.0.0.0/8", "10.0.0.0/8 via 192.168.10.2 dev br-lan proto 98 metric 200"},
		{"route show table 1000", "10.1.0.0/16 dev guest0 proto 98 scope link src 192.168.10.1"},
		{"route show 192.0.2.0/24", "blackhole 192.0.2.0/24 proto 98"},
	} {
		if out := r.IP(strings.Fields(want.args)...); !strings.Contains(out, want.text) {
			t.Errorf("ip %s gives %q; want %q", want.args, out, want.text)
		}
	}
	for path, want := range map[string]string{"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1", "net/ipv6/conf/br-lan/accept_ra": "0"} {
		if got := r.Sysctl(path); got != want {
			t.Errorf("%s is %s; want %s", path, got, want)
		}
	}
}

// What leaves the file is undone: objects go, attributes and names go back.
func TestEmptyFileUndoesAll(t *testing.T) {
	r := newRouter(t, devices+"\naddress add 10.9.9.1/24 dev eth1\nlink set eth1 up\nroute add 10.99.0.0/16 via 10.9.9.2\n", whole)
	same := r.unchanged()
	r.settled()
	r.write(empty)
	r.settled()
	// The live rename of eth1 costs foreign routes on kernels before 6.2, but
	// then they are listed in no plan of ours: here they come back by hand.
	r.IP("route", "replace", "10.99.0.0/16", "via", "10.9.9.2")
	same()
}

func TestStatus(t *testing.T) {
	r := newRouter(t, devices, whole)
	before := r.run("status")
	r.expect(before, exitDone)
	if !strings.Contains(before.stdout, "steps away from the file") {
		t.Errorf("status before apply: %s", before.stdout)
	}
	r.apply()
	after := r.run("status")
	for _, want := range []string{r.config + ": in force", "ok       default via 203.0.113.1", "wan             veth    no carrier mtu 1450  ", " 203.0.113.2/30", " 2001:db8:1::2/64"} {
		if !strings.Contains(after.stdout, want) {
			t.Errorf("status lacks %q:\n%s", want, after.stdout)
		}
	}
	s := decode[struct {
		Equal bool
		Links []struct {
			Name, Master string
			Up           bool
			Addresses    []string
		}
	}](t, r.run("status", "--json").stdout)
	if !s.Equal || len(s.Links) != 5 || s.Links[0].Name != "lan1" || s.Links[0].Master != "br-lan" || !s.Links[0].Up {
		t.Errorf("status --json: %+v", s)
	}
	r.IP("address", "del", "203.0.113.2/30", "dev", "wan")
	drifted := r.run("status")
	if !strings.Contains(drifted.stdout, "MISSING  default via 203.0.113.1") || !strings.Contains(drifted.stdout, "create address 203.0.113.2/30 dev wan") {
		t.Errorf("status after an address was taken away:\n%s", drifted.stdout)
	}
}

// Order in the file does not matter: the last table first gives the same.
func TestOrderOfTheFile(t *testing.T) {
	tables := strings.Split(whole, "\n\n")
	slices.Reverse(tables[1:])
	forward, backward := newRouter(t, devices, whole), newRouter(t, devices, strings.Join(tables, "\n\n"))
	forward.settled()
	backward.settled()
	if diff := lab.Diff(forward.Picture(), backward.Picture()); diff != "" {
		t.Errorf("the reversed file gives another state:\n%s", diff)
	}
}

// The folder for the state is /run/bootlink/netns/NAME unless one is given.
func TestDefaultRunDir(t *testing.T) {
	r := newRouter(t, devices, whole)
	dir := filepath.Join("/run/bootlink/netns", r.Name)
	t.Cleanup(func() { os.RemoveAll(dir) })
	if o := bootlink(t, "apply", "--netns", r.Name, "--config", r.config); o.code != exitDone {
		t.Fatal(o)
	}
	if _, err := os.Stat(filepath.Join(dir, "state.toml")); err != nil {
		t.Error(err)
	}
}

func TestMaxDisruption(t *testing.T) {
	r := newRouter(t, devices+"\nlink set eth0 up\n", whole)
	same := r.unchanged()
	r.expect(r.run("apply", "--max-disruption", "none"), exitFailed, "refused, nothing was changed", "eth0 (down)", "--max-disruption is none")
	same()
	r.expect(r.run("apply", "--max-disruption", "never"), exitUsage, "--max-disruption never: write none, down, detach or recreate")
	r.apply("--max-disruption", "down")
}
