package routefile

import (
	"context"
	"sort"

	"bootlink/nlcore"
)

// A side is one family's part of a Diff.
type side[R nlcore.RouteRecord] struct {
	table *Table
	want  entries[R]
	set   nlcore.RouteSet
	index []uint32 // of links, by their place in the table
	keep  map[ID]bool

	have   R   // the route that the kernel is telling about
	cursor int // the entry that is likely to be next

	same     bitmap // entries that are there
	changed  bitmap // entries whose place another route of ours has
	missing  bitmap // the others
	replaced list[former[R]]
	deleted  list[R]
	odds     []oddity
}

// former is the route that an entry replaces.
type former[R nlcore.RouteRecord] struct {
	route R
	place uint32 // of the entry
}

func newSide[R nlcore.RouteRecord](t *Table, want entries[R], set nlcore.RouteSet, index []uint32, keep map[ID]bool) *side[R] {
	s := &side[R]{table: t, want: want, set: set, index: index, keep: keep}
	s.reset()
	return s
}

// reset forgets what the kernel told.
func (s *side[R]) reset() {
	n := len(s.want)
	s.same, s.changed = newBitmap(n), newBitmap(n)
	s.replaced, s.deleted, s.odds, s.cursor = list[former[R]]{}, list[R]{}, nil, 0
}

// compare reads the kernel's routes.
func (s *side[R]) compare(ctx context.Context, conn *nlcore.Conn) error {
	if err := dump(ctx, conn, familyOf(&s.have), s.set, s.meet, s.reset); err != nil {
		return err
	}
	s.missing = rest(len(s.want), s.same, s.changed)
	s.deleted.sort(order[R])
	s.replaced.sort(func(a, b *former[R]) int { return int(a.place) - int(b.place) })
	return nil
}

func (s *side[R]) count(d *Diff) {
	d.Same += s.same.count()
	d.Add += s.missing.count()
	d.Replace += s.changed.count()
	d.Delete += s.deleted.n
	for i := range s.odds {
		if s.odds[i].place < 0 {
			d.Delete++
		}
	}
}

// meet holds a route of the kernel against the entry at the cursor.
func (s *side[R]) meet(body []byte) {
	kind := decode(&s.have, body, s.set)
	if kind == foreign {
		return
	}
	if i := s.cursor; kind == plain && i < len(s.want) && s.equal(i) && !s.same.has(i) { // nearly always
		s.same.set(i)
		s.cursor++
		return
	}
	s.differs(body, kind)
}

// differs finds out what else a route of the kernel is.
func (s *side[R]) differs(body []byte, kind shape) {
	i, found := s.find(&s.have)
	s.cursor = i
	if body[2] != 0 { // for some sources only: it never is an entry
		found = false
	}
	taken := found && (s.same.has(i) || s.changed.has(i))
	switch {
	case !found && body[3] == 0 && s.keep[identity(&s.have)]:
	case found && !taken && kind == plain && s.equal(i):
		s.same.set(i)
		s.cursor++
	case found && !taken:
		s.changed.set(i)
		s.cursor++
		if kind == plain {
			s.replaced.add(former[R]{s.have, uint32(i)})
			return
		}
		s.odds = append(s.odds, oddity{body: string(again(body)), place: i})
	case kind == plain && !found && s.alone():
		s.deleted.add(s.have)
	default:
		s.odds = append(s.odds, oddity{body: string(again(body)), place: -1, first: found})
	}
}

// alone tells whether the route has another identity than the one before it.
func (s *side[R]) alone() bool {
	return s.deleted.n == 0 || order(s.deleted.at(s.deleted.n-1), &s.have) != 0
}

// find gives the place of a route's identity among the entries: where it is, or
// where it would be.
func (s *side[R]) find(r *R) (place int, found bool) {
	i := sort.Search(len(s.want), func(i int) bool { return order(&s.want[i].route, r) >= 0 })
	return i, i < len(s.want) && order(&s.want[i].route, r) == 0
}

// resolved gives an entry with its link's index.
func (s *side[R]) resolved(i int) R {
	r := s.want[i].route
	dev := devOf(&r)
	*dev = s.index[*dev]
	return r
}

// equal tells whether the kernel's route is what an entry asks for. An entry
// without link takes any.
func (s *side[R]) equal(i int) bool {
	want := s.resolved(i)
	if want == s.have {
		return true
	}
	if *devOf(&want) != 0 {
		return false
	}
	have := s.have
	*devOf(&have) = 0
	return want == have
}
