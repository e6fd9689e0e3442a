package plan

import (
	"cmp"
	"fmt"
	"slices"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// renames lists the devices whose name differs from the desired one, and those
// that get their own name back.
func (m *maker) renames() object.Renames {
	renames := object.Renames{}
	for name, dev := range m.found {
		m.plan.Found[name] = dev.Name
		if dev.Name != name {
			renames[dev.Name] = name
		}
	}
	for dev, name := range m.home {
		renames[dev.Name] = name
	}
	return renames
}

// checkTaken refuses to take a name from a device that the file does not move.
func (m *maker) checkTaken(renames object.Renames) error {
	for _, name := range order.Keys(renames) {
		if err := m.taken(renames[name], renames); err != nil {
			return err
		}
	}
	for _, o := range m.want.Links() {
		peer := o.Values.Get("veth.peer")
		if peer == "" || m.found[o.Name] != nil || m.late[o.Name] != "" {
			continue
		}
		if p := m.found[peer]; p != nil && p.Values.Get("kind") == "veth" && p.Values.Get("veth.peer") == o.Name {
			continue
		}
		if err := m.taken(peer, renames); err != nil {
			err.Pos = o.Place("veth.peer")
			return err
		}
	}
	return nil
}

func (m *maker) taken(name string, renames object.Renames) *Conflict {
	holder := m.have.Link(name)
	if holder == nil || renames[name] != "" || m.gone[name] {
		return nil
	}
	return &Conflict{Pos: m.placeOf(name),
		What: fmt.Sprintf("link %q cannot be called so: another device (%s) has the name", name, holder.Values.Get("address")),
		Hint: fmt.Sprintf("add a table for that device with a name of its own, or choose another name than %q", name)}
}

// placeOf gives the line of a desired link; no place for one that left the file.
func (m *maker) placeOf(link string) conf.Pos {
	if o := m.want.Find(linkID(link)); o != nil {
		return o.Pos
	}
	return conf.Pos{}
}

// rename plans the renames; circles (lan1 ↔ lan2) go through a name of our own.
// From here on everything goes by the new names.
func (m *maker) rename(renames object.Renames) {
	parked := map[string]bool{}
	for i, from := range order.Keys(renames) {
		to, dev := renames[from], m.have.Link(from)
		pos, cost := m.placeOf(to), object.Live
		m.flush(from, isAny)
		m.strip(from, renames)
		if dev.Values.Get("up") == "true" {
			cost = object.Down
		}
		first, needs := from, order.Also(m.park(dev, renames), noRoutes(from), noAddrs(from), unported(from), demoting(from), released(from))
		if inCircle(renames, from, parked) {
			first = fmt.Sprintf("bootlink%d", i)
			parked[from] = true
			m.add(Step{Write: change(from, object.NewValues("name", first)), Before: object.NewValues("name", from), Cost: cost, Pos: pos},
				needs, []string{freeName(from), linkIs(first)})
			needs, cost = []string{linkIs(first)}, object.Live // told already
		}
		m.add(Step{Write: change(first, object.NewValues("name", to)), Before: object.NewValues("name", first), Cost: cost, Pos: pos},
			order.Also(needs, freeName(to)), []string{linkIs(to), freeName(first)})
	}
	m.moveMemory(renames)
	m.moveAbove(renames)
	m.have = m.view(renames)
	for name := range m.found {
		m.found[name] = m.have.Link(name)
	}
	m.resolved = true
}

// strip plans the deletion of what a link does not keep under its new name: that
// is known by the old one.
func (m *maker) strip(link string, renames object.Renames) {
	for _, s := range object.Specs() {
		for _, o := range m.have.Of(s.Class) {
			links, _ := s.References(o.Values)
			if m.ours(o) && slices.Contains(links, link) && !m.keeps(s, o.Renamed(renames)) {
				m.removePlain(s, o)
			}
		}
	}
}

// keeps tells whether an object stays, or changes in place.
func (m *maker) keeps(s *object.Spec, o *object.Object) bool {
	want := m.want.Find(o.ID)
	if want == nil {
		return false
	}
	cost, same := s.Compare(want.Values, o.Values, nil)
	return same || cost != object.Recreate
}

func renamed(link string, renames object.Renames) string { return cmp.Or(renames[link], link) }

// moveAbove gives what comes up with a link its new names.
func (m *maker) moveAbove(renames object.Renames) {
	above := map[string][]string{}
	for link, names := range m.above {
		for _, name := range names {
			link := renamed(link, renames)
			above[link] = order.Also(above[link], renamed(name, renames))
		}
	}
	m.above = above
}

func change(link string, v object.Values) object.Write {
	return object.Write{Op: object.Change, ID: linkID(link), Values: v}
}

// inCircle tells whether following the renames from a name leads back to it, by
// way of no name that is parked already.
func inCircle(renames object.Renames, from string, parked map[string]bool) bool {
	for at := renames[from]; at != "" && !parked[at]; at = renames[at] {
		if at == from {
			return true
		}
	}
	return false
}

// moveMemory lets what is remembered of a device go with its name.
func (m *maker) moveMemory(renames object.Renames) {
	if len(renames) == 0 {
		return
	}
	came := map[string]string{}
	for from, to := range renames {
		came[to] = m.original(m.have.Link(from))
	}
	m.owned, m.after = m.owned.Renamed(renames), m.after.Renamed(renames)
	for to, name := range came {
		m.restored(linkID(to), "name") // as it was called in between does not count
		if name != to {
			m.remember(linkID(to), "name", name)
		}
	}
}

// flush deletes what the kernel would take away with the link's down time or
// would spoil with its new name: our routes by way of it, and those of our
// addresses on it that fit. They are made again where the file still wants them.
func (m *maker) flush(link string, fits func(*object.Object) bool) {
	for _, s := range object.Specs() {
		if s.NeedsUp || m.gone[link] {
			m.flushPlain(s, link)
		}
	}
	for _, o := range m.have.Of(object.Route) {
		if leaves(o, link) && o.Ours {
			m.removeRoute(o, noRoutes(link))
		}
	}
	for _, o := range m.have.Of(object.Address) {
		if o.Values.Get("dev") == link && m.ours(o) && fits(o) {
			s := m.removeAddress(o)
			s.needs, s.gives = order.Also(s.needs, noRoutes(link)), order.Also(s.gives, flushed(link))
		}
	}
}

func isIPv6(o *object.Object) bool { return o.Local().Addr().Is6() } // gone while the link is down
func isAny(*object.Object) bool    { return true }

// view gives the snapshot as it will be: new names, and without what goes.
func (m *maker) view(renames object.Renames) *object.Snapshot {
	if len(m.gone)+len(m.downed)+len(renames) == 0 {
		return m.have
	}
	seen := &object.Snapshot{Objects: map[object.ID]*object.Object{}, Idle: m.have.Idle, Lacking: m.have.Lacking}
	for id, o := range m.have.Objects {
		if m.gone[id.Link()] || m.gone[o.Values.Get("dev")] || renames.Replaced(id.Link()) {
			continue
		}
		o = o.Renamed(renames)
		if id.Class == object.Link {
			o = m.quiet(o)
		}
		seen.Objects[o.ID] = o
	}
	return seen
}

// quiet gives a link as the deletions and renames leave it: down, without a
// master that goes.
func (m *maker) quiet(dev *object.Object) *object.Object {
	unported := m.gone[dev.Values.Get("master")]
	if !unported && !m.downed[dev.Name] {
		return dev
	}
	c := *dev
	c.Values = dev.Values.Clone()
	if m.downed[dev.Name] {
		c.Values.Set("up", "false")
	}
	if unported {
		c.Values.Set("master", "")
		c.Values.DropFunc(object.IsPortKey)
	}
	return &c
}
