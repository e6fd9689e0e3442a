package routefile

import (
	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/order"
)

// A side is one family's part of a Diff.
type side struct {
	table *Table
	want  *list // the entries: the table's routes of the family
	set   nlcore.RouteSet
	index []uint32 // of links, by their place in the table
	keep  map[ID]bool
	told  func() // hears of each route that is about to be written

	have   route // the route that the kernel is telling about
	entry  route // the entry that it is held against
	cursor int   // the place of the entry that is likely to be next

	same     bitmap // entries that are there
	changed  bitmap // entries whose place another route of ours has
	missing  bitmap // the others
	replaced list   // what is there instead of those that are changed; numbers are their places
	deleted  list   // what is in nobody's place
	odds     []oddity
}

func newSide(t *Table, want *list, set nlcore.RouteSet, index []uint32, keep map[ID]bool) *side {
	s := &side{table: t, want: want, set: set, index: index, keep: keep, have: route{six: want.six}}
	s.reset()
	return s
}

// reset forgets what the kernel told.
func (s *side) reset() {
	s.same, s.changed = newBitmap(s.want.n), newBitmap(s.want.n)
	s.replaced, s.deleted = list{six: s.want.six}, list{six: s.want.six}
	s.odds, s.cursor = nil, 0
}

// compare reads the kernel's routes.
func (s *side) compare(ctx until.Context, conn *nlcore.Conn) error {
	if err := dump(ctx, conn, s.have.family(), s.set, s.meet, s.reset); err != nil {
		return err
	}
	s.missing = rest(s.want.n, s.same, s.changed)
	s.deleted.sort()
	l := &s.replaced
	order.Sort(l.n, func(i, j int) bool { return l.number(i) < l.number(j) }, l.swap)
	return nil
}

func (s *side) count(d *Diff) {
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
func (s *side) meet(body []byte) {
	kind := s.have.decode(body, s.set)
	if kind == foreign {
		return
	}
	if i := s.cursor; kind == plain && i < s.want.n && s.equal(i) && !s.same.has(i) { // nearly always
		s.same.set(i)
		s.cursor++
		return
	}
	s.differs(body, kind)
}

// differs finds out what else a route of the kernel is.
func (s *side) differs(body []byte, kind shape) {
	i, found := s.want.find(&s.have)
	s.cursor = i
	if body[2] != 0 { // for some sources only: it never is an entry
		found = false
	}
	taken := found && (s.same.has(i) || s.changed.has(i))
	switch {
	case !found && s.have.tos == 0 && len(s.keep) > 0 && s.keep[s.have.id()]:
	case found && !taken && kind == plain && s.equal(i):
		s.same.set(i)
		s.cursor++
	case found && !taken:
		s.changed.set(i)
		s.cursor++
		if kind == plain {
			s.replaced.add(&s.have, uint32(i))
			return
		}
		s.odds = append(s.odds, oddity{body: string(again(body)), place: i})
	case kind == plain && !found && s.alone():
		s.deleted.add(&s.have, 0)
	default:
		s.odds = append(s.odds, oddity{body: string(again(body)), place: -1, first: found})
	}
}

// alone tells whether the route has another identity than the one that was to
// be deleted before it.
func (s *side) alone() bool {
	if s.deleted.n == 0 {
		return true
	}
	s.deleted.get(s.deleted.n-1, &s.entry)
	return compareRoutes(&s.entry, &s.have) != 0
}

// resolved gives an entry with its link's index, and its line.
func (s *side) resolved(i int, r *route) (line uint32) {
	line = s.want.get(i, r)
	if s.index != nil { // of a recorded side they are indexes already
		r.dev = s.index[r.dev]
	}
	return line
}

// equal tells whether the kernel's route is what an entry asks for. An entry
// without link takes any.
func (s *side) equal(i int) bool {
	s.resolved(i, &s.entry)
	if s.entry.dev == 0 {
		s.entry.dev = s.have.dev
	}
	return s.entry == s.have
}
