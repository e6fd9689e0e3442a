package rtcfg

import (
	"errors"
	"testing"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// vanishing takes a link away before the steps, or after them.
type vanishing struct {
	system
	w     *world
	early bool
}

func (s *vanishing) Do(ctx until.Context, steps []plan.Step, j kernel.Journal) ([]plan.Step, error) {
	if s.early {
		s.w.IP("link", "delete", "v0")
	}
	done, err := s.system.Do(ctx, steps, j)
	if !s.early {
		s.w.IP("link", "delete", "v0")
		err = errors.Join(err, errInjected)
	}
	return done, err
}

// A link that goes while a plan is carried out takes along what there was to
// undo on it.
func TestLinkVanishes(t *testing.T) {
	for name, early := range map[string]bool{"before the steps": true, "before the undo": false} {
		t.Run(name, func(t *testing.T) {
			w := veth(t)
			w.Lines("link add br0 type bridge\naddress add 10.0.2.1/24 dev v0 label v0:2")
			m := w.open(desired(t, "[link.v0]\nmtu = 1400\naddresses = [\"10.0.2.1/24\", \"fd00::1/64\"]\n[link.v1]\nmaster = \"br0\"\nbridge_port = { hairpin = true }\n"+
				"[link.br0]\n[[route]]\nto = \"10.9.0.0/16\"\nvia = \"10.0.2.2\"\n[[neighbour]]\nto = \"10.0.2.9\"\ndev = \"v0\"\nlladdr = \"02:00:00:00:00:09\"\n"))
			m.sys = &vanishing{m.sys, w, early}
			_, err := m.Apply(t.Context(), ApplyOptions{MaxDisruption: object.Recreate})
			var left *IncompleteError
			if errors.As(err, &left) || !errors.Is(err, map[bool]error{true: unix.ENODEV, false: errInjected}[early]) {
				t.Errorf("got %v", err)
			}
			other := veth(t)
			other.Lines("link add br0 type bridge\nlink delete v0")
			if diff := lab.Diff(other.look(), w.look()); diff != "" {
				t.Errorf("it left traces:\n%s", diff)
			}
		})
	}
}
