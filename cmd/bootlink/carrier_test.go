package main

import (
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

// hops are next hops by a link that may have no carrier, a group of them, and routes.
const hops = `
[[nexthop]]
id  = 7
via = "203.0.113.1"
dev = "wan"

[[nexthop]]
id  = 8
via = "203.0.113.2"
dev = "wan"

[[nexthop]]
id    = 5
group = [7, 8]

[[route]]
to   = "10.7.0.0/16"
nhid = 7

[[route]]
to   = "10.5.0.0/16"
nhid = 5
`

// The kernel takes no next hop by a link whose cable is not plugged in. That keeps
// nothing else from being configured, and the rest follows the cable, again and again.
func TestNexthopsAwaitCarrier(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, strings.Replace(whole, `"203.0.113.2/30"`, `"203.0.113.9/28"`, 1)+hops)
	awaited := r.apply().Awaited
	want := []string{"nexthop 7 waits for the carrier of wan", "nexthop 8 waits for the carrier of wan", "nexthop 5 waits for nexthop 7",
		"route 10.7.0.0/16 nhid 7 waits for nexthop 7", "route 10.5.0.0/16 nhid 5 waits for nexthop 5"}
	for _, words := range want {
		if !strings.Contains(strings.Join(awaited, "\n")+"\n", words+"\n") {
			t.Errorf("awaited are %q; want %q", awaited, words)
		}
	}
	if again := r.apply(); again.Writes != 0 || len(again.Awaited) != len(want) {
		t.Errorf("the second apply: %+v", again)
	}
	d := r.start()
	d.waitFor("is in force: 0 steps, 0 writes, 5 awaited", 1)
	for range 3 {
		r.IP("link", "set", "cable1", "up")
		lab.Eventually(t, func() bool {
			routes := r.IP("route")
			return strings.Contains(routes, "10.7.0.0/16 nhid 7 ") && strings.Contains(routes, "10.5.0.0/16 nhid 5 ") && r.run("status", "--check").code == exitDone
		}, func() string { return "the routes\n" + r.IP("route") + d.log() })
		r.IP("link", "set", "cable1", "down")
		lab.Eventually(t, func() bool {
			return r.IP("nexthop") == "" || strings.Contains(r.run("status").stdout, "nexthop 7 waits for the carrier of wan")
		}, func() string { return "nothing to be left\n" + r.IP("nexthop") + d.log() })
	}
	if strings.Contains(d.log(), "no carrier") || strings.Contains(d.log(), "keeps changing") {
		t.Error(d.log())
	}
}
