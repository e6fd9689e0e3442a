package routefile

import (
	"context"

	"bootlink/nlcore"
)

// apply writes a side's difference.
func (s *side[R]) apply(ctx context.Context, conn *nlcore.Conn) error {
	if err := removeOdd(ctx, conn, s.odds, true); err != nil {
		return err
	}
	for _, first := range []bool{true, false} {
		if err := s.put(ctx, conn, s.missing, first, false); err != nil {
			return err
		}
		if err := s.put(ctx, conn, s.changed, first, true); err != nil {
			return err
		}
	}
	err := nlcore.DelRoutes(ctx, conn, s.set, s.deleted.n, func(i int) R { return *s.deleted.at(i) })
	if err != nil {
		return refusedBy(err)
	}
	return removeOdd(ctx, conn, s.odds, false)
}

// put writes those of the chosen entries that are direct, or those that are not.
func (s *side[R]) put(ctx context.Context, conn *nlcore.Conn, chosen bitmap, direct, replace bool) error {
	next := s.walk(chosen, direct)
	err := nlcore.AddRoutes(ctx, conn, s.set, replace, func() (r R, more bool) {
		i, more := next()
		if more {
			r = s.resolved(i)
		}
		return r, more
	})
	return refused(err, s.naming(s.walk(chosen, direct), "add route "))
}

// walk gives the places of chosen entries in order.
func (s *side[R]) walk(chosen bitmap, gatewayless bool) func() (int, bool) {
	i := -1
	return func() (int, bool) {
		for {
			if i = chosen.next(i + 1); i < 0 {
				i = len(s.want)
				return 0, false
			}
			if direct(&s.want[i].route) == gatewayless {
				return i, true
			}
		}
	}
}

// naming gives refused writes their lines: the k-th write was the k-th entry of
// a walk.
func (s *side[R]) naming(next func() (int, bool), verb string) func(*Refusal, int) {
	at := -1
	return func(r *Refusal, k int) {
		var i int
		for more := true; at < k && more; at++ {
			i, more = next()
		}
		e := &s.want[i]
		r.Pos, r.Write = s.table.pos(e.line), verb+describe(s.table, e)
	}
}
