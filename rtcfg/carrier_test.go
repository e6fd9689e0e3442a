package rtcfg

import (
	"context"
	"errors"
	"strings"
	"testing"

	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
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

func (s *unplugged) Undo(ctx context.Context, inverses []plan.Step, doubtful int, j kernel.Journal) []error {
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

// There is an end to that; where nobody looks for duplicates there is nothing to
// wait for.
func TestLifetimeWithoutCarrier(t *testing.T) {
	t.Parallel()
	w := veth(t)
	before := w.look()
	_, err := w.open(desired(t, lifetimeNexthop)).Apply(t.Context(), ApplyOptions{})
	var left *IncompleteError
	if !errors.Is(err, unix.ENETDOWN) || errors.As(err, &left) || !strings.Contains(err.Error(), "preferred_lft 7200: v0 has no carrier, also after 5s") {
		t.Fatalf("got %v; want that v0 has no carrier", err)
	}
	if diff := lab.Diff(before, w.look()); diff != "" {
		t.Errorf("it left traces:\n%s", diff)
	}
	w.apply(desired(t, "[link.v0]\naddresses = [{ local = \"fd00::1/64\", valid_lft = 7200, nodad = true }]"))
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
