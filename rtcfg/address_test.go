package rtcfg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

const sourceRoute = `
[link.v0]
addresses = ["fd00::1/64"]

[[route]]
to  = "fd02::/48"
via = "fd00::9"
src = "fd00::1"
`

// veth gives a world with v0, whose other end is v1.
func veth(t *testing.T) *world {
	t.Helper()
	w := &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}
	w.Lines("link add v0 type veth peer name v1")
	return w
}

// A route whose source is made by the same plan waits for the end of duplicate
// address detection, and so does one that comes back.
func TestTentativeSource(t *testing.T) {
	t.Parallel()
	w := veth(t)
	w.Lines("link set v1 up")
	want := desired(t, sourceRoute)
	w.apply(want)
	if out := w.IP("-6", "route", "show", "fd02::/48"); !strings.Contains(out, "src fd00::1") {
		t.Errorf("the route is %q", out)
	}
	w.fail(desired(t, "[link.v0]"), func(steps int) int { return steps })
	if out := w.IP("-6", "route", "show", "fd02::/48"); !strings.Contains(out, "src fd00::1") {
		t.Errorf("after an undo the route is %q", out)
	}
}

// A source that another machine has fails the plan, and the message says so.
func TestDuplicateSource(t *testing.T) {
	t.Parallel()
	w, other := veth(t), lab.New(t)
	w.Lines("link set v1 netns " + other.Name)
	other.Lines("link set v1 up\naddress add fd00::1/64 dev v1 nodad")
	w.refuse(sourceRoute, "its source fd00::1 is a duplicate: another machine on v0 has that address")
}

// A source on a link without carrier stays tentative: the route waits until it has one.
func TestSourceWithoutCarrier(t *testing.T) {
	t.Parallel()
	veth(t).awaits(sourceRoute, "route fd02::/48 via fd00::9 dev v0 src fd00::1 waits for the carrier of v0")
}

// refuse applies a configuration that must fail because of a source, and leave
// no trace.
func (w *world) refuse(config, message string) {
	w.t.Helper()
	before := w.look()
	_, err := w.open(desired(w.t, config)).Apply(w.t.Context(), ApplyOptions{})
	var dad *kernel.DADError
	var left *IncompleteError
	if !errors.As(err, &dad) || !errors.Is(err, unix.EINVAL) || errors.As(err, &left) {
		w.t.Fatalf("got %v", err)
	}
	if !strings.HasPrefix(err.Error(), "f:") || !strings.Contains(err.Error(), message) {
		w.t.Errorf("the message is %q; want %q", err, message)
	}
	if diff := lab.Diff(before, w.look()); diff != "" {
		w.t.Errorf("it left traces:\n%s", diff)
	}
}

// left gives what is left of an address's lifetime, in seconds.
func (w *world) left(local, field string) float64 {
	for _, a := range w.Addresses("v0") {
		if a["local"] == local {
			seconds, _ := a[field].(float64)
			return seconds
		}
	}
	return -1
}

// A lifetime that runs down is no difference; another one in the file is.
func TestLifetimes(t *testing.T) {
	t.Parallel()
	const file = "[link.v0]\naddresses = [{ local = %q, valid_lft = %d, preferred_lft = %d }]"
	for _, local := range []string{"10.0.0.1/24", "fd00::1/64"} {
		t.Run(local, func(t *testing.T) {
			t.Parallel()
			w := veth(t)
			w.Lines("link set v1 up")
			ip, _, _ := strings.Cut(local, "/")
			w.apply(desired(t, fmt.Sprintf(file, local, 1000, 2)))
			lab.Eventually(t, func() bool { return w.left(ip, "valid_life_time") < 996 && w.left(ip, "preferred_life_time") == 0 },
				func() string { return "the lifetimes of " + local + " to run down" })
			for _, c := range []struct{ valid, preferred, writes int }{{1000, 2, 0}, {1000, 500, 1}, {2000, 500, 1}, {1500, 500, 1}, {1500, 0, 1}, {1500, 0, 0}} {
				m := w.open(desired(t, fmt.Sprintf(file, local, c.valid, c.preferred)))
				result, err := m.Apply(t.Context(), ApplyOptions{MaxDisruption: object.Live})
				if err != nil || len(result.Steps) != c.writes || result.Writes != uint64(c.writes) {
					t.Fatalf("to %+v: %d steps, %d writes, %v", c, len(result.Steps), result.Writes, err)
				}
				if left := w.left(ip, "valid_life_time"); left > float64(c.valid) || left < float64(c.valid)-60 {
					t.Errorf("of %d seconds %v are left", c.valid, left)
				}
			}
		})
	}
}

// Names of tables are iproute2's: of rt_tables and of the files beside it, those
// of the later folder first.
func TestTableNames(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for file, text := range map[string]string{
		a + "/rt_tables":             "# reserved\n255\tlocal\n254\tmain\n100 isp1\n",
		b + "/rt_tables":             "0x65 isp1 # hexadecimal\n\n7\nx y\n1 2 3\n0 unspec\n",
		b + "/rt_tables.d/more.conf": "200 isp2",
		b + "/rt_tables.d/more.bak":  "201 isp3\n",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, name := range tableNames(a, b, t.TempDir()) {
		got = append(got, fmt.Sprint(name.Name, "=", name.Value))
	}
	if want := "isp2=200 isp1=101 isp1=100 main=254 local=255"; strings.Join(got, " ") != want {
		t.Errorf("got %v; want %s", got, want)
	}
	want, err := Parse("f", []byte("version = 1\n[[route]]\nto = \"10.0.0.0/8\"\ndev = \"v0\"\ntable = \"isp1\"\n"), tableNames(a, b)...)
	if err != nil || want.Of(object.Route)[0].Values.Get("table") != "101" {
		t.Errorf("got %v, %v; want table 101", want, err)
	}
}

// The route to an address's subnet is as good whether the address was to be
// valid for ever at first, or not.
func TestSubnetOfLifetimes(t *testing.T) {
	t.Parallel()
	w := veth(t)
	w.Lines("link set v1 up")
	const address = "[link.v0]\naddresses = [{ local = \"fd00::1/64\", nodad = true"
	for _, config := range []string{address + " }]", address + ", valid_lft = 7200 }]", address + ", valid_lft = 3600 }]", address + " }]"} {
		w.apply(desired(t, config))
		if out := w.IP("-6", "route", "show", "fd00::/64"); !strings.Contains(out, "dev v0") || strings.Contains(out, "expires -") {
			t.Errorf("with %s the route is %q", config, out)
		}
	}
}
