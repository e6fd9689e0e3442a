package routefile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sort"

	"bootlink/nlcore"
)

// An undoing is a second look at the kernel: how far it is from what it was when
// a side was compared.
type undoing[R nlcore.RouteRecord] struct {
	*side[R]
	added    bitmap         // entries that were not there and are
	back     bitmap         // routes of side.replaced that have their place
	kept     bitmap         // routes of side.deleted that are there
	oddThere bitmap         // of side.odds
	oddPlace map[string]int // by body
}

// undo looks and restores until nothing differs, or until that does not help.
func (s *side[R]) undo(ctx context.Context, conn *nlcore.Conn) error {
	var failed failures
	for round, before := 1, 0; ; round++ {
		u := &undoing[R]{side: s}
		u.reset()
		if err := dump(ctx, conn, familyOf(&s.have), s.set, u.meet, u.reset); err != nil {
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

func (u *undoing[R]) reset() {
	u.added, u.back = newBitmap(len(u.want)), newBitmap(u.replaced.n)
	u.kept, u.oddThere = newBitmap(u.deleted.n), newBitmap(len(u.odds))
	u.oddPlace = make(map[string]int, len(u.odds))
	for i := range u.odds {
		u.oddPlace[u.odds[i].body] = i
	}
	u.cursor = 0
}

// left gives how many writes are to be made.
func (u *undoing[R]) left() int {
	return u.added.count() + u.replaced.n - u.back.count() + u.deleted.n - u.kept.count() + len(u.odds) - u.oddThere.count()
}

// meet finds out which of the former routes, or of the added ones, a route of
// the kernel is. One that is neither is nobody's business.
func (u *undoing[R]) meet(body []byte) {
	kind := decode(&u.have, body, u.set)
	if kind == foreign || len(u.odds) > 0 && u.isOdd(body) || kind == odd {
		return
	}
	if !u.isAdded() && !u.isBack() {
		u.isKept()
	}
}

func (u *undoing[R]) isOdd(body []byte) bool {
	i, there := u.oddPlace[string(again(body))]
	if there {
		u.oddThere.set(i)
	}
	return there
}

// isAdded looks at the entry after the last one that was found, then searches.
func (u *undoing[R]) isAdded() bool {
	i := u.cursor
	if i >= len(u.want) || order(&u.want[i].route, &u.have) != 0 {
		var found bool
		if i, found = u.find(&u.have); !found {
			return false
		}
	}
	u.cursor = i + 1
	if !u.missing.has(i) {
		return u.same.has(i)
	}
	if u.equal(i) {
		u.added.set(i)
	}
	return true
}

func (u *undoing[R]) isBack() bool {
	i, found := u.find(&u.have)
	if !found {
		return false
	}
	k := sort.Search(u.replaced.n, func(k int) bool { return int(u.replaced.at(k).place) >= i })
	if k == u.replaced.n || u.replaced.at(k).route != u.have {
		return false
	}
	u.back.set(k)
	return true
}

func (u *undoing[R]) isKept() {
	k := sort.Search(u.deleted.n, func(k int) bool { return order(u.deleted.at(k), &u.have) >= 0 })
	if k < u.deleted.n && *u.deleted.at(k) == u.have {
		u.kept.set(k)
	}
}

// restore writes what left counts, all that can be written. What was deleted and
// could not be added, because a foreign route has the same identity, is added
// beside that one (beside).
func (u *undoing[R]) restore(ctx context.Context, conn *nlcore.Conn, beside bool, failed *failures) {
	for _, first := range []bool{true, false} {
		gone := unset(u.deleted.n, u.kept, first, u.deleted.at)
		if beside {
			failed.add(appendRoutes(ctx, conn, u.set, gone))
		} else {
			insist(ctx, conn, u.set, false, gone, failed)
		}
		former := func(i int) *R { return &u.replaced.at(i).route }
		insist(ctx, conn, u.set, true, unset(u.replaced.n, u.back, first, former), failed)
	}
	failed.add(restoreOdd(ctx, conn, u.odds, u.oddThere))
	failed.add(u.remove(ctx, conn))
}

// insist adds what next gives, beyond refusals.
func insist[R nlcore.RouteRecord](ctx context.Context, conn *nlcore.Conn, s nlcore.RouteSet, replace bool, next func() (R, bool), failed *failures) {
	for {
		err := nlcore.AddRoutes(ctx, conn, s, replace, next)
		failed.add(refusedBy(err))
		var batch *nlcore.BatchError
		if !errors.As(err, &batch) || batch.Cause != nil {
			return
		}
	}
}

// unset gives the routes of a list whose numbers are not in a set, and that are
// direct or not.
func unset[R nlcore.RouteRecord](n int, set bitmap, gatewayless bool, at func(int) *R) func() (R, bool) {
	i := -1
	return func() (r R, more bool) {
		for i++; i < n; i++ {
			if r := at(i); !set.has(i) && direct(r) == gatewayless {
				return *r, true
			}
		}
		return r, false
	}
}

// remove deletes what Apply added.
func (u *undoing[R]) remove(ctx context.Context, conn *nlcore.Conn) error {
	var places []uint32
	for i := u.added.next(0); i >= 0; i = u.added.next(i + 1) {
		places = append(places, uint32(i))
	}
	err := nlcore.DelRoutes(ctx, conn, u.set, len(places), func(k int) R { return u.resolved(int(places[k])) })
	return refused(err, func(r *Refusal, k int) {
		e := &u.want[places[k]]
		r.Pos, r.Write = u.table.pos(e.line), "delete route "+describe(u.table, e)
	})
}
