package main

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// Longer: go test ./cmd/bootlink -run TestDrift -drift 200
var driftTimes = flag.Int("drift", 12, "things that TestDrift spoils")

// owned is whole with the kinds of objects that it lacks.
const owned = whole + `
[link.guest1.qdisc]
kind   = "pfifo"
handle = "7:"
limit  = 77

[[rule]]
priority = 1000
from     = "192.168.10.0/24"
table    = 1000

[[neighbour]]
dev    = "br-lan"
to     = "192.168.10.9"
lladdr = "02:00:00:00:01:09"

[[nexthop]]
id  = 7
via = "192.168.10.3"
dev = "br-lan"

[[route]]
to   = "10.3.0.0/16"
nhid = 7
`

// spoilers are what other programs may do to what is in owned. Each line is of
// ip, or of bridge or tc, or a sysctl's path and value.
var spoilers = []string{
	"address del 192.168.10.1/24 dev br-lan", "address del fd00:10::1/64 dev br-lan", "link set br-lan down", "link del br-lan",
	"link set wan mtu 1400", "link set wan alias somebody", "link set lan1 nomaster", "link del guest0", "link set guest1 mtu 1200",
	"route del default", "-6 route del default", "address flush dev wan", "link set wan down", "net/ipv4/ip_forward 0",
	"net/ipv6/conf/br-lan/accept_ra 1", "bridge link set dev lan1 hairpin off", "link set br-lan type bridge ageing_time 100",
	"rule del priority 1000", "neigh del 192.168.10.9 dev br-lan", "neigh replace 192.168.10.9 lladdr 02:00:00:00:01:07 dev br-lan", "nexthop del id 7",
	"nexthop replace id 7 via 192.168.10.4 dev br-lan", "route del 10.3.0.0/16", "route del blackhole 192.0.2.0/24", "route flush table 1000",
	"tc qdisc del dev guest1 root", "tc qdisc change dev guest1 root handle 7: pfifo limit 78",
}

// spoil carries out a line.
func (r *router) spoil(line string) {
	r.t.Helper()
	words := strings.Fields(line)
	switch {
	case strings.HasPrefix(line, "net/"):
		r.SetSysctl(words[0], words[1])
	case words[0] == "bridge" || words[0] == "tc":
		r.Exec(words[0], words[1:]...)
	default:
		r.IP(words...)
	}
}

// What others change of the file's is put right, and what is theirs stays.
func TestDrift(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices+`
	link set cable0 up
	link set cable1 up
	link add foreign0 type bridge
	link set foreign0 up
	address add 10.99.0.1/24 dev foreign0
	route add 10.98.0.0/16 via 10.99.0.9 proto 77
	rule add priority 2000 from 10.99.0.0/24 table 77
	neigh add 10.99.0.7 lladdr 02:00:00:00:09:07 dev foreign0 nud permanent`, owned)
	d := r.start()
	d.waitFor("is in force", 1)
	good := r.Picture() + r.Sysctls()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range *driftTimes {
		time.Sleep(time.Second) // what drifts sooner has a rival, and is put right later each time
		line := spoilers[random.IntN(len(spoilers))]
		r.spoil(line)
		lab.Eventually(t, func() bool { return lab.Diff(good, r.Picture()+r.Sysctls()) == "" },
			func() string {
				return line + "\nto be put right:\n" + lab.Diff(good, r.Picture()+r.Sysctls()) + "\n" + d.log()
			})
	}
	if !strings.Contains(d.log(), "put right: ") {
		t.Errorf("run says nothing of it:\n%s", d.log())
	}
}

// Two that undo each other end in a message, and more and more seldom.
func TestFight(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, whole)
	d := r.start()
	d.waitFor("is in force", 1)
	lab.Eventually(t, func() bool {
		r.IP("link", "set", "wan", "alias", "mine")
		return strings.Contains(d.log(), "another program keeps changing what the file says: link wan")
	}, d.log)
	if n := strings.Count(d.log(), "put right: set link wan alias"); n > 20 {
		t.Errorf("put right %d times before a word was said", n)
	}
}

// A file that cannot be in force gives way to the one that was, and says so.
func TestLastGood(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := r.start()
	d.waitFor("is in force", 1)
	good := r.Picture()
	d.ends(unix.SIGTERM)
	kept := filepath.Join(r.lib, "last-good.toml")
	if _, err := os.Stat(kept); err != nil {
		t.Fatal(err)
	}

	r.write(strings.ReplaceAll(whole, "mtu ", "mut "))
	r.spoil("link del br-lan")
	d = r.start()
	d.waitFor("IN FORCE IS the last good configuration, "+kept+", because: "+r.config, 1)
	if diff := lab.Diff(good, r.Picture()); diff != "" {
		t.Errorf("with the last good configuration:\n%s", diff)
	}
	d.ends(unix.SIGTERM)

	if err := os.Remove(kept); err != nil {
		t.Fatal(err)
	}
	r.expect(r.run("run"), exitUsage, `unknown key "mut"`)
}

// Only one process looks after a namespace.
func TestOnlyOne(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := r.start()
	d.waitFor("is in force", 1)
	r.expect(r.run("run"), exitFailed, "bootlink run is there already, with process ")
	d.ends(unix.SIGTERM)
}

// apply --confirm beside a running `run`: it keeps still until that is decided, and
// then holds what was decided.
func TestConfirmBesideRun(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := r.start()
	d.waitFor("is in force", 1)
	good := r.Picture()
	other := strings.ReplaceAll(whole, "192.168.10.", "192.168.77.")

	r.write(other)
	if o := r.run("apply", "--confirm", "1s"); o.code != exitDone {
		t.Fatal(o)
	}
	if lab.Diff(good, r.Picture()) == "" {
		t.Error("the change was not made")
	}
	lab.Eventually(t, func() bool { return lab.Diff(good, r.Picture()) == "" }, func() string { return "the old address to come back\n" + d.log() })

	if o := r.run("apply", "--confirm", "60s"); o.code != exitDone {
		t.Fatal(o)
	}
	r.expect(r.run("apply"), exitFailed, "the last change waits for a confirm, for ")
	if o := r.run("confirm"); o.code != exitDone || o.stdout != "the change is kept\n" {
		t.Error(o)
	}
	changed := r.Picture()
	r.spoil("link set wan mtu 1400")
	d.waitFor("was applied by another process and is in force", 1)
	lab.Eventually(t, func() bool { return lab.Diff(changed, r.Picture()) == "" }, func() string { return lab.Diff(changed, r.Picture()) + d.log() })
}
