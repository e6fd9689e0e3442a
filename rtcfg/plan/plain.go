package plan

import (
	"slices"

	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// plain plans a class whose objects need no more than what their rows refer to:
// what is missing, what differs, what goes.
func (m *maker) plain(s *object.Spec) {
	for _, o := range m.want.Of(s.Class) {
		needs, late := m.plainNeeds(s, o)
		if late != "" {
			m.idle[o.ID] = true
			m.await(o, "link "+late)
			continue
		}
		if m.lacks(o) {
			continue
		}
		if late = m.idleHop(s, o); late != "" {
			m.await(o, late)
			part := m.atHand(s, o)
			if part == nil {
				m.idle[o.ID] = true
				continue
			}
			o = part
			needs, _ = m.plainNeeds(s, o)
		}
		m.settlePlain(s, o, needs)
	}
	for _, have := range m.have.Of(s.Class) {
		if m.want.Find(have.ID) != nil {
			continue
		}
		claimed := s.Complete && m.listed(s, have.Values.Get("dev"))
		if claimed && !m.ours(have) {
			m.after.Before[have.ID] = have.Values
		}
		switch {
		case claimed || s.Complete && m.ours(have):
			m.removePlain(s, have)
		case m.ours(have) && s.Replace && !s.Partial && m.owned.Before[have.ID] != nil:
			m.giveBack(s, have)
		case m.ours(have):
			m.removePlain(s, have, order.Also(m.addressed(s, have), allMade(s.Class))...)
		}
	}
	if s.Complete {
		m.returnPlain(s)
	}
}

// giveBack makes an object that was somebody else's, and left the file, into
// what it was before us.
func (m *maker) giveBack(s *object.Spec, have *object.Object) {
	was := &object.Object{ID: have.ID, Values: m.owned.Before[have.ID]}
	step := Step{Write: object.Write{Op: object.Change, ID: have.ID, Values: was.Values}, Before: have.Values}
	needs, late := m.plainNeeds(s, was)
	if cost, _ := s.Compare(was.Values, have.Values, nil); cost == object.Recreate || late != "" {
		m.removePlain(s, have)
		step.Op, step.Before = object.Create, nil
	}
	if delete(m.after.Made, have.ID); late == "" {
		m.add(step, order.Also(needs, replaced(have.ID)), nil)
	}
}

// addressed gives that the links which an object needs have their new addresses:
// an undo that brings it back must find one that reaches it.
func (m *maker) addressed(s *object.Spec, o *object.Object) (needs []string) {
	links, _ := s.References(o.Values)
	for _, link := range links {
		if s.NeedsUp {
			needs = order.Also(needs, hasAddr(link))
		}
	}
	return needs
}

// listed tells whether the file has a list of these objects for a link.
func (m *maker) listed(s *object.Spec, link string) bool {
	return slices.ContainsFunc(m.want.Of(s.Class), func(o *object.Object) bool { return o.Values.Get("dev") == link })
}

// returnPlain brings back what gave way to a list that left the file.
func (m *maker) returnPlain(s *object.Spec) {
	for _, id := range object.SortedIDs(m.owned.Before) {
		if id.Class != s.Class || m.listed(s, id.Link()) {
			continue
		}
		values := m.owned.Before[id]
		delete(m.after.Before, id)
		if m.have.Link(id.Link()) != nil && m.have.Objects[id] == nil {
			m.add(Step{Write: object.Write{Op: object.Create, ID: id, Values: values}}, []string{linkIs(id.Link()), isSet(id.Link())}, nil)
		}
	}
}

// settlePlain plans what makes the kernel have o.
func (m *maker) settlePlain(s *object.Spec, o *object.Object, needs []string) {
	step := Step{Write: object.Write{Op: object.Create, ID: o.ID, Values: o.Values}, Pos: o.Pos}
	if have := m.have.Objects[o.ID]; have != nil {
		set := m.owned.Before[o.ID]
		cost, same := s.Compare(o.Values, have.Values, set)
		switch {
		case same && m.ours(have):
			m.note(s, o)
			return
		case same:
			return // somebody else's, and as we want it
		case cost == object.Recreate:
			m.takeOver(s, have)
			m.removePlain(s, have)
		case s.Partial:
			step.Op = object.Change
			step.Values, step.Before = s.Difference(o.Values, have.Values, set)
		default:
			m.takeOver(s, have)
			step.Op, step.Before = object.Change, have.Values
		}
	}
	m.note(s, o)
	gives := []string{allMade(s.Class)}
	for _, id := range s.Identities(o) {
		gives = order.Also(gives, plainIs(id))
	}
	m.add(step, order.Also(needs, replaced(o.ID)), gives)
}

// note remembers that the object is ours, and what the file sets of it that the
// kernel may change by itself.
func (m *maker) note(s *object.Spec, o *object.Object) {
	m.after.Made[o.ID] = 0
	if !s.Partial {
		return
	}
	delete(m.after.Before, o.ID)
	if set := s.Remembered(o.Values); set.Len() > 0 {
		m.after.Before[o.ID] = set
	}
}

// takeOver remembers what somebody else's object is that the file changes.
func (m *maker) takeOver(s *object.Spec, have *object.Object) {
	if s.Replace && s.Mark.Wire != 0 && !m.ours(have) {
		m.after.Before[have.ID] = have.Values
	}
}

// removePlain plans a deletion: before those of the links and objects that it
// refers to. From then on m.have is without it.
func (m *maker) removePlain(s *object.Spec, have *object.Object, needs ...string) {
	links, others := s.References(have.Values)
	var gives []string
	for _, link := range links {
		gives = order.Also(gives, noAddrs(link))
		if s.Complete {
			gives = order.Also(gives, cleared(link))
		}
		if have.Values.Get("via") != "" {
			gives = order.Also(gives, unreached(link, have.Values.Get("family")))
		}
		if s.NeedsUp { // it may need the link's addresses when an undo brings it back
			gives = order.Also(gives, noRoutes(link))
		}
		if s.NeedsMAC {
			gives = order.Also(gives, strange(link), unmet(link, have.Values.Get("family")))
		}
	}
	for _, id := range others {
		gives = order.Also(gives, unreferred(id))
	}
	for _, id := range s.Identities(have) {
		needs = order.Also(needs, unreferred(id))
	}
	m.have.Drop(have.ID)
	if s.Partial {
		delete(m.after.Before, have.ID)
	}
	m.remove(have, needs, gives)
}

// plainNeeds gives what must be there before the object, or the link that it
// has to wait for.
func (m *maker) plainNeeds(s *object.Spec, o *object.Object) (needs []string, late string) {
	links, others := s.References(o.Values)
	for _, link := range links {
		if m.absent(link) {
			return nil, link
		}
		if port := m.want.Find(linkID(link)); s.Complete && port != nil && m.late[port.Values.Get("master")] != "" {
			return nil, port.Values.Get("master") // of whose bridge it is to be a VLAN
		}
		needs = order.Also(needs, linkIs(link), isSet(link), isSettled(link))
		if s.NeedsUp {
			needs = order.Also(needs, isUp(link), hasAddr(link))
		}
		if s.NeedsMAC {
			needs = order.Also(needs, macIs(link), meets(link, o.Values.Get("family")))
		}
	}
	for _, id := range others {
		needs = order.Also(needs, plainIs(id))
	}
	return needs, ""
}

// hurry lets deletions that were to come after all that is new come earlier,
// where something is made anew, or has to go soon, that they refer to, or that
// refers to it in turn.
func (m *maker) hurry() {
	if !slices.ContainsFunc(m.steps, func(s *Step) bool { return s.Op == object.Delete }) {
		return
	}
	first := map[string]bool{}
	for _, s := range m.steps {
		m.soon[s.ID] = m.soon[s.ID] || s.Op == object.Create
	}
	for found := true; found; {
		found = false
		for _, s := range m.steps {
			if s.Op != object.Delete {
				continue
			}
			late := slices.Index(s.needs, allMade(s.ID.Class))
			waited := slices.ContainsFunc(s.gives, func(token string) bool { return first[token] })
			if late < 0 && !m.soon[s.ID] || late >= 0 && !waited {
				continue
			}
			if late >= 0 {
				s.needs = slices.Delete(s.needs, late, late+1)
				found = true
			}
			for _, token := range s.needs {
				found = found || !first[token]
				first[token] = true
			}
		}
	}
}

// flushPlain plans the deletion of our objects of a class that refer to a link.
func (m *maker) flushPlain(s *object.Spec, link string) {
	for _, o := range m.have.Of(s.Class) {
		if links, _ := s.References(o.Values); m.ours(o) && slices.Contains(links, link) {
			m.removeSoon(s, o)
		}
	}
}

// removeSoon plans a deletion that waits for nothing new, nor do those of what
// refers to the object.
func (m *maker) removeSoon(s *object.Spec, have *object.Object) {
	m.soon[have.ID] = true
	m.removePlain(s, have)
}
