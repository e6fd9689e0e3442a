package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"sort"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// observe runs a command that prints until it is interrupted.
func (r *router) observe(command string, more ...string) *daemon {
	r.t.Helper()
	d := &daemon{t: r.t, cmd: exec.Command(binary, r.args(command, more...)...), done: make(chan struct{})}
	pipe, err := d.cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	d.begin(pipe)
	return d
}

// Each kind of thing is told when it comes and when it goes, in iproute2's words.
func TestMonitor(t *testing.T) {
	r := newRouter(t, "", "version = 1\n")
	d := r.observe("monitor", "--list")
	d.waitFor("] complete", 1)
	r.Lines("link add br0 type bridge\nlink set br0 up mtu 1400\naddress add 10.0.0.1/24 dev br0 label br0:1\nroute add 10.9.0.0/16 via 10.0.0.2 metric 5\n" +
		"-6 route add blackhole fd00:9::/32\nrule add from 10.0.0.0/8 table 9 priority 77\nneigh add 10.0.0.7 lladdr 02:00:00:00:00:01 dev br0\nnexthop add id 4 via 10.0.0.3 dev br0\n" +
		"rule delete priority 77\nroute delete 10.9.0.0/16\nnexthop delete id 4\nlink delete br0")
	d.waitFor("] deleted link br0", 1)
	text := d.log()
	for _, words := range []string{
		"] listed link lo down", "] link br0 up kind bridge mtu 1400 address ", "] address 10.0.0.1/24 dev br0 label br0:1",
		"] route 10.9.0.0/16 table 254 metric 5 type unicast via 10.0.0.2 dev br0", "] route fd00:9::/32 table 254 metric 1024 type blackhole",
		"] rule 77 from 10.0.0.0/8 table 9", "] neighbour 10.0.0.7 dev br0 lladdr 02:00:00:00:00:01", "] nexthop 4 family inet via 10.0.0.3 dev br0",
		"] deleted rule 77 from 10.0.0.0/8", "] deleted route 10.9.0.0/16", "] deleted nexthop 4", "] deleted address 10.0.0.1/24 dev br0",
	} {
		if !strings.Contains(text, words) {
			t.Errorf("lacks %q", words)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	if code := d.ends(unix.SIGINT); code != exitDone {
		t.Errorf("an interrupt ends it with %d", code)
	}
}

// picture is what a reader of JSON lines knows.
func picture(t *testing.T, log string) (routes map[string]bool, lost int) {
	t.Helper()
	routes = map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(log), "\n") {
		var n struct {
			Time   json.Number
			Op     string
			Class  string
			Name   string
			Values map[string]string
		}
		if err := json.Unmarshal([]byte(line), &n); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		switch {
		case n.Op == "lost":
			lost++
			clear(routes)
		case n.Class != "route" || n.Values["table"] != "7":
		case n.Op == "deleted":
			delete(routes, n.Values["to"])
		default:
			routes[n.Values["to"]] = true
		}
	}
	return routes, lost
}

// A reader that is stopped while more comes than its queue holds is told so, and knows the
// same in the end as ip.
func TestMonitorFlood(t *testing.T) {
	r := newRouter(t, "link add br0 type bridge\nlink set br0 up\naddress add 10.0.0.1/24 dev br0", "version = 1\n")
	d := r.observe("monitor", "--json", "--list")
	d.waitFor(`"op":"complete"`, 1)
	d.signal(unix.SIGSTOP)
	var script strings.Builder
	for i := range 40000 {
		fmt.Fprintf(&script, "route add 10.%d.%d.0/24 dev br0 table 7\n", 1+i/250, i%250)
		if i%3 == 0 {
			fmt.Fprintf(&script, "route delete 10.%d.%d.0/24 table 7\n", 1+i/250, i%250)
		}
	}
	r.Lines(script.String())
	d.signal(unix.SIGCONT)
	r.Lines("route add 10.250.0.0/24 dev br0 table 7\nlink add last type bridge")
	d.waitFor(`"name":"last"`, 1)
	lab.Eventually(t, func() bool {
		return strings.Count(d.log(), `"op":"complete"`) == 1+strings.Count(d.log(), `"op":"lost"`)
	}, d.log)
	got, lost := picture(t, d.log())
	if lost == 0 {
		t.Error("no overrun: the flood was too small")
	}
	var want []string
	for _, line := range strings.Split(strings.TrimSpace(r.IP("route", "show", "table", "7")), "\n") {
		want = append(want, strings.Fields(line)[0])
	}
	sort.Strings(want)
	var have []string
	for to := range got {
		have = append(have, to)
	}
	sort.Strings(have)
	if strings.Join(have, " ") != strings.Join(want, " ") {
		t.Errorf("it knows %d routes, ip shows %d", len(have), len(want))
	}
}
