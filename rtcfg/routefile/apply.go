package routefile

import (
	"bootlink/nlcore"
	"bootlink/nlcore/until"
)

// apply writes a side's difference.
func (s *side) apply(ctx until.Context, conn *nlcore.Conn) error {
	if err := removeOdd(ctx, conn, s.odds, true); err != nil {
		return err
	}
	for _, direct := range []bool{true, false} {
		if err := s.put(ctx, conn, s.missing, direct, false); err != nil {
			return err
		}
		if err := s.put(ctx, conn, s.changed, direct, true); err != nil {
			return err
		}
	}
	err := delRoutes(ctx, conn, s.set, s.want.six, s.deleted.n, func(i int, r *route) {
		s.deleted.get(i, r)
		s.told()
	})
	if err != nil {
		return refusedBy(err)
	}
	return removeOdd(ctx, conn, s.odds, false)
}

// put writes those of the chosen entries that are direct, or those that are not.
func (s *side) put(ctx until.Context, conn *nlcore.Conn, chosen bitmap, direct, replace bool) error {
	w := walk{side: s, chosen: chosen, direct: direct}
	err := addRoutes(ctx, conn, s.set, s.want.six, replace, func(r *route) bool {
		if !w.next() {
			return false
		}
		s.resolved(w.at, r)
		s.told()
		return true
	})
	w = walk{side: s, chosen: chosen, direct: direct}
	return refused(err, func(refusal *Refusal, k int) {
		for w.given <= k && w.next() {
		}
		s.name(refusal, "add route ", w.at)
	})
}

// name gives a refused write its line.
func (s *side) name(refusal *Refusal, verb string, place int) {
	var r route
	line := s.want.get(place, &r)
	refusal.Pos, refusal.Write = s.table.pos(line), verb+s.table.describe(&r)
}

// A walk goes over the chosen entries that are direct, or over those that are
// not, in order.
type walk struct {
	*side
	chosen bitmap
	direct bool
	from   int // where the next one is looked for
	at     int // the place of the last one
	given  int // how many there were
}

func (w *walk) next() bool {
	var r route
	for {
		i := w.chosen.next(w.from)
		if i < 0 {
			return false
		}
		w.from = i + 1
		if w.want.get(i, &r); r.direct() == w.direct {
			w.at = i
			w.given++
			return true
		}
	}
}
