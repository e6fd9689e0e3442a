package routefile

import (
	"cmp"
	"errors"
	"fmt"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
)

// An undoing is a second look at the kernel: how far it is from what it was when
// a side was compared.
type undoing struct {
	*side
	added    bitmap         // entries that were not there and are
	back     bitmap         // routes of side.replaced that have their place
	kept     bitmap         // routes of side.deleted that are there
	oddThere bitmap         // of side.odds
	oddPlace map[string]int // by body
}

// undo looks and restores until nothing differs, or until that does not help.
func (s *side) undo(ctx until.Context, conn *nlcore.Conn) error {
	var failed failures
	for round, before := 1, 0; ; round++ {
		u := &undoing{side: s}
		u.reset()
		if err := dump(ctx, conn, s.have.family(), s.set, u.meet, u.reset); err != nil {
			failed.add(err)
			return failed.err()
		}
		left := u.left()
		if left == 0 {
			return nil
		}
		if round > 2 && left >= before {
			return cmp.Or(failed.err(), fmt.Errorf("table %d: %d routes are not as they were", s.set.Table, left))
		}
		before, failed = left, failures{}
		u.restore(ctx, conn, round > 1, &failed)
	}
}

func (u *undoing) reset() {
	u.added, u.back = newBitmap(u.want.n), newBitmap(u.replaced.n)
	u.kept, u.oddThere = newBitmap(u.deleted.n), newBitmap(len(u.odds))
	u.oddPlace = make(map[string]int, len(u.odds))
	for i := range u.odds {
		u.oddPlace[u.odds[i].body] = i
	}
	u.cursor = 0
}

// left gives how many writes are to be made.
func (u *undoing) left() int {
	return u.added.count() + u.replaced.n - u.back.count() + u.deleted.n - u.kept.count() + len(u.odds) - u.oddThere.count()
}

// meet finds out which of the former routes, or of the added ones, a route of
// the kernel is. One that is neither is nobody's business.
func (u *undoing) meet(body []byte) {
	kind := u.have.decode(body, u.set)
	if kind == foreign || len(u.odds) > 0 && u.isOdd(body) || kind == odd {
		return
	}
	if !u.isAdded() && !u.isBack() {
		u.isKept()
	}
}

func (u *undoing) isOdd(body []byte) bool {
	i, there := u.oddPlace[string(again(body))]
	if there {
		u.oddThere.set(i)
	}
	return there
}

// isAdded looks at the entry after the last one that was found, then searches.
func (u *undoing) isAdded() bool {
	i := u.cursor
	if i < u.want.n {
		u.want.get(i, &u.entry)
	}
	if i >= u.want.n || compareRoutes(&u.entry, &u.have) != 0 {
		var found bool
		if i, found = u.want.find(&u.have); !found {
			return false
		}
	}
	u.cursor = i + 1
	if u.missing.has(i) && u.equal(i) {
		u.added.set(i)
	}
	return !u.changed.has(i)
}

func (u *undoing) isBack() bool {
	i, found := u.want.find(&u.have)
	if !found {
		return false
	}
	k, found := u.replaced.findNumber(i)
	return found && u.is(&u.replaced, k, u.back)
}

func (u *undoing) isKept() bool {
	k, found := u.deleted.find(&u.have)
	return found && u.is(&u.deleted, k, u.kept)
}

// is marks the k-th route of a list if it is the one at hand.
func (u *undoing) is(l *list, k int, mark bitmap) bool {
	l.get(k, &u.entry)
	if u.entry != u.have {
		return false
	}
	mark.set(k)
	return true
}

// restore writes what left counts, all that can be written. What was deleted and
// could not be added, because a foreign route has the same identity, is added
// beside that one (beside).
func (u *undoing) restore(ctx until.Context, conn *nlcore.Conn, beside bool, failed *failures) {
	for _, direct := range []bool{true, false} {
		gone := unset(&u.deleted, u.kept, direct)
		if beside {
			failed.add(appendRoutes(ctx, conn, u.set, gone))
		} else {
			u.insist(ctx, conn, false, gone, failed)
		}
		u.insist(ctx, conn, true, unset(&u.replaced, u.back, direct), failed)
	}
	failed.add(restoreOdd(ctx, conn, u.odds, u.oddThere))
	failed.add(u.remove(ctx, conn))
}

// insist adds what next gives, beyond refusals.
func (u *undoing) insist(ctx until.Context, conn *nlcore.Conn, replace bool, next func(*route) bool, failed *failures) {
	for {
		err := addRoutes(ctx, conn, u.set, u.want.six, replace, next)
		failed.add(refusedBy(err))
		var batch *nlcore.BatchError
		if !errors.As(err, &batch) || batch.Cause != nil {
			return
		}
	}
}

// unset gives the routes of a list whose places are not in a set, and that are
// direct or not.
func unset(l *list, set bitmap, direct bool) func(*route) bool {
	i := -1
	return func(r *route) bool {
		for i++; i < l.n; i++ {
			if set.has(i) {
				continue
			}
			if l.get(i, r); r.direct() == direct {
				return true
			}
		}
		return false
	}
}

// remove deletes what Apply added.
func (u *undoing) remove(ctx until.Context, conn *nlcore.Conn) error {
	var places []uint32
	for i := u.added.next(0); i >= 0; i = u.added.next(i + 1) {
		places = append(places, uint32(i))
	}
	err := delRoutes(ctx, conn, u.set, u.want.six, len(places), func(k int, r *route) { u.resolved(int(places[k]), r) })
	return refused(err, func(refusal *Refusal, k int) { u.name(refusal, "delete route ", int(places[k])) })
}
