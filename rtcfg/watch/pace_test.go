package watch

import (
	"testing"
	"time"
)

// What comes once is put right at once; what comes again and again, later each time,
// with a word about it; what came long ago is forgotten.
func TestPace(t *testing.T) {
	var p Pace
	now := time.Unix(0, 0)
	heal := func(wait time.Duration, rival string, objects ...string) {
		t.Helper()
		if got := p.Due(objects, now); got != wait {
			t.Errorf("%v: wait %v; want %v", objects, got, wait)
		}
		now = now.Add(wait)
		if got := p.Healed(objects, now); got != rival {
			t.Errorf("%v: rival %q; want %q", objects, got, rival)
		}
	}
	heal(0, "", "a")
	heal(0, "", "a")
	heal(100*time.Millisecond, "", "a")
	heal(0, "", "b")
	heal(0, "", "a", "c") // what is new does not wait
	heal(400*time.Millisecond, "", "a")
	heal(800*time.Millisecond, "a", "a")
	heal(1600*time.Millisecond, "", "a")
	for range 10 {
		now = now.Add(p.Due([]string{"a"}, now))
		p.Healed([]string{"a"}, now)
	}
	heal(time.Minute, "", "a")
	now = now.Add(3 * time.Minute)
	heal(0, "", "d")
	heal(0, "", "a")
	if len(p.known) != 2 {
		t.Errorf("%d objects are remembered; want 2", len(p.known))
	}
}
