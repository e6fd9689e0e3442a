package lab

import (
	"fmt"
	"strings"
	"testing"
)

// A script becomes one process for lines that follow each other and want the
// same program with the same options.
func TestBatches(t *testing.T) {
	var got []string
	for _, b := range batches("\n link add v0\n\tlink set  v0 up\n-6 rule add\n-6 -d route\nbridge vlan\ntc -d qdisc\nlink\n-4\n") {
		got = append(got, fmt.Sprintf("%s %q %q", b.program, b.options, b.lines))
	}
	want := []string{`ip [] ["link add v0" "link set v0 up"]`, `ip ["-6"] ["rule add"]`, `ip ["-6" "-d"] ["route"]`, `bridge [] ["vlan"]`,
		`tc ["-d"] ["qdisc"]`, `ip [] ["link"]`, `ip ["-4"] [""]`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The error of a batch names the line that failed; those before it have run,
// and those after it have not.
func TestBatchFails(t *testing.T) {
	ns := New(t)
	_, err := batch{program: "ip", lines: []string{"link set lo mtu 1300", "link set lo mtu 1", "link add v0 type nosuch", "link set lo mtu 1400"}}.run(ns)
	if err == nil || !strings.HasPrefix(err.Error(), "ip link add v0 type nosuch: ") || !strings.Contains(err.Error(), "Unknown device type") {
		t.Errorf("%v", err)
	}
	if mtu := ns.Link("lo")["mtu"]; mtu != 1.0 {
		t.Errorf("lo has MTU %v; want 1, of the line before", mtu)
	}
	if _, err = (batch{program: "nosuchprogram"}).run(ns); err == nil {
		t.Error("a program that is not there runs")
	}
	if _, err := decodeLists("[]\n[{\"a\":1},{}]\nnot"); err == nil || !strings.Contains(err.Error(), "not") {
		t.Errorf("what is no JSON gives %v", err)
	}
}

// LinkAfter shows what the last command did, and tells a command that failed.
func TestLinkAfter(t *testing.T) {
	ns := New(t)
	shown, err := ns.LinkAfter(t, "br0", "link add br0 type bridge", "link set br0 type bridge stp_state 1")
	if err != nil || fmt.Sprint(shown["linkinfo.info_data.stp_state"]) != "1" || fmt.Sprint(shown) != fmt.Sprint(ns.Link("br0")) {
		t.Errorf("%v, %v", shown, err)
	}
	if _, err := ns.LinkAfter(t, "lo", "link add br0 type bridge"); err == nil || !strings.HasPrefix(err.Error(), "ip link add br0 type bridge: ") {
		t.Errorf("a link that is there is made again: %v", err)
	}
}
