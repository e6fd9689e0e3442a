package rtcfg

import (
	"errors"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// What somebody else made, and the file asks for otherwise, is as it was and
// whose it was: after an apply that fails, and once it has left the file.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ made, config string }{
		"neighbour": {"neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0 nud permanent protocol static",
			"[[neighbour]]\ndev = \"v0\"\nto = \"10.0.0.9\"\nlladdr = \"02:00:00:00:00:0a\"\n"},
		"neighbour of nobody": {"neigh add fd00::9 lladdr 02:00:00:00:00:09 dev v0 nud permanent",
			"[[neighbour]]\ndev = \"v0\"\nto = \"fd00::9\"\nlladdr = \"02:00:00:00:00:0a\"\n"},
		"next hop": {"nexthop add id 5 via 10.0.0.2 dev v0 protocol static\nroute add 10.5.0.0/16 nhid 5",
			"[[nexthop]]\nid = 5\nvia = \"10.0.0.3\"\ndev = \"v0\"\n"},
		"label":             {"address add 10.0.2.1/24 dev v0 label v0:2", "[link.v0]\naddresses = [\"10.0.2.1/24\"]\n"},
		"metric":            {"address add 10.0.2.1/24 dev v0 metric 7", "[link.v0]\naddresses = [\"10.0.2.1/24\"]\n"},
		"IPv6 flag":         {"address add fd00:2::1/64 dev v0 nodad", "[link.v0]\naddresses = [\"fd00:2::1/64\"]\n"},
		"IPv6 prefix route": {"address add fd00:2::1/64 dev v0 nodad", "[link.v0]\naddresses = [{ local = \"fd00:2::1/64\", nodad = true, noprefixroute = true }]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := veth(t)
			w.Lines("link set v0 up\nlink set v1 up\naddress add 10.0.0.1/24 dev v0\naddress add fd00::1/64 dev v0 nodad")
			w.Lines(c.made)
			before := w.look()
			w.fail(desired(t, c.config), func(steps int) int { return steps })
			w.apply(desired(t, c.config))
			w.apply(desired(t, ""))
			if diff := lab.Diff(before, w.look()); diff != "" {
				t.Errorf("before (-) and after (+) differ:\n%s", diff)
			}
			w.apply(desired(t, c.config))
			w.Lines("link delete v0\nlink add v0 type veth peer name v1")
			w.apply(desired(t, ""))
		})
	}
}

// A route that is not ours and stands where ours is to go stays, and the message
// says that somebody made it.
func TestRouteInTheWay(t *testing.T) {
	t.Parallel()
	w := veth(t)
	w.Lines("link set v0 up\nlink set v1 up\naddress add 10.0.0.1/24 dev v0\nroute add 10.5.0.0/16 via 10.0.0.2 proto static")
	before := w.look()
	_, err := w.open(desired(t, "[[route]]\nto = \"10.5.0.0/16\"\nvia = \"10.0.0.3\"\n")).Apply(t.Context(), ApplyOptions{})
	if !errors.Is(err, unix.EEXIST) || !strings.Contains(err.Error(), "another program made a route to there") {
		t.Errorf("got %v", err)
	}
	if diff := lab.Diff(before, w.look()); diff != "" {
		t.Errorf("it left traces:\n%s", diff)
	}
}
