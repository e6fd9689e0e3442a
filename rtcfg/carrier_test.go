package rtcfg

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
)

const lifetimeNexthop = `
[link.v0]
addresses = [{ local = "fd00::1/64", valid_lft = 7200 }]

[[nexthop]]
id  = 7
via = "fd00::9"
dev = "v0"
`

// unplugged has the cable pulled while it undoes, until the link goes up.
type unplugged struct {
	stopping
	w *world
}

func (s *unplugged) Undo(ctx until.Context, inverses []plan.Step, doubtful int, j kernel.Journal) []error {
	s.w.Lines("link set v1 down")
	plugged := s.w.plugIn()
	left := s.system.Undo(ctx, inverses, doubtful, j)
	<-plugged
	return left
}

// plugIn gives v0 its carrier some time after it went up; the channel is closed
// then.
func (w *world) plugIn() <-chan struct{} {
	plugged := make(chan struct{})
	go func() {
		defer close(plugged)
		lab.Eventually(w.t, func() bool { return strings.Contains(w.IP("link", "show", "v0"), ",UP") }, func() string { return "v0 to go up" })
		w.Lines("link set v1 up")
	}()
	return plugged
}

// An address with a lifetime comes back only once the link has its carrier again:
// the kernel drops it from one that has none yet, and with it the way to what
// follows.
func TestLifetimeAwaitsCarrier(t *testing.T) {
	t.Parallel()
	w := veth(t)
	w.Lines("link set v1 up")
	w.apply(desired(t, lifetimeNexthop))
	before := w.look()
	m := w.open(desired(t, "[link.v0]\nup = false"))
	m.sys = &unplugged{stopping{system: m.sys, after: func(steps int) int { return steps }}, w}
	_, err := m.Apply(t.Context(), ApplyOptions{MaxDisruption: object.Recreate})
	var left *IncompleteError
	if !errors.Is(err, errInjected) || errors.As(err, &left) {
		t.Fatal(err)
	}
	if diff := lab.Diff(before, w.look()); diff != "" {
		t.Errorf("after the undo the state is another:\n%s", diff)
	}
}

// There is an end to that: it waits until the link has one, and keeps nothing else from
// being configured. Where nobody looks for duplicates there is nothing to wait for.
func TestLifetimeWithoutCarrier(t *testing.T) {
	t.Parallel()
	w := veth(t)
	w.awaits(lifetimeNexthop+"[[route]]\nto = \"fd01::/64\"\nvia = \"fd00::9\"\n", "address fd00::1/64 dev v0 waits for the carrier of v0",
		"nexthop 7 waits for the carrier of v0", "route fd01::/64 via fd00::9 dev v0 waits for link v0")
	w = veth(t)
	w.apply(desired(t, "[link.v0]\naddresses = [{ local = \"fd00::1/64\", valid_lft = 7200, nodad = true }]"))
}

// awaits applies a configuration some of which waits for the carrier of v0, and
// applies it again when that has come.
func (w *world) awaits(config string, waits ...string) {
	w.t.Helper()
	m := w.open(desired(w.t, config))
	apply := func(waits []string) (steps int) {
		w.t.Helper()
		result, err := m.Apply(w.t.Context(), ApplyOptions{MaxDisruption: object.Recreate})
		if err != nil {
			w.t.Fatal(err)
		}
		var got []string
		for _, a := range result.Awaited {
			got = append(got, a.String())
		}
		if !slices.Equal(got, waits) {
			w.t.Errorf("awaited are %q; want %q", got, waits)
		}
		return len(result.Steps)
	}
	apply(waits)
	if n := apply(waits); n > 0 {
		w.t.Errorf("the second apply took %d steps", n)
	}
	w.Lines("link set v1 up")
	lab.Eventually(w.t, func() bool { return strings.Contains(w.IP("link", "show", "v0"), "state UP") }, func() string { return "v0 to have a carrier" })
	if apply(nil) == 0 {
		w.t.Error("nothing was done when the carrier came")
	}
	if n := apply(nil); n > 0 {
		w.t.Errorf("the fourth apply took %d steps", n)
	}
}

// A next hop, which the kernel takes only on a link with carrier, waits for that.
func TestNexthopAwaitsCarrier(t *testing.T) {
	t.Parallel()
	w := veth(t)
	plugged := w.plugIn()
	w.apply(desired(t, `
		[link.v0]
		addresses = ["10.0.0.1/24"]
		[[nexthop]]
		id  = 7
		via = "10.0.0.9"
		dev = "v0"`))
	<-plugged
}
