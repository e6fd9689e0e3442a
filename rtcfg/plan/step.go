package plan

import (
	"fmt"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

// A Step is one write with what undoes it.
type Step struct {
	object.Write
	Before object.Values // Change: what the written keys were; Delete: the whole object
	Cost   object.Cost   // predicted outage of the link
	Pos    conf.Pos      // the line that asks for it; zero for what left the file

	along        []string         // links that share the outage
	peer         *object.Object   // Delete of a veth: its other end as it was
	lost         []*object.Object // what the inverse takes away (up: IPv6 addresses; mtu: that of links on it; an address: neighbours) or does not bring back (Delete of a link: settings)
	needs, gives []string
}

// Link names the link that the step concerns; "" for none.
func (s *Step) Link() string {
	switch {
	case s.ID.Class == object.Link:
		return s.ID.Name
	case s.ID.Class == object.Sysctl:
		return s.ID.SysctlLink()
	}
	return s.Values.Get("dev")
}

// After is the object's identity once the step is done: a rename changes it.
func (s *Step) After() object.ID {
	if name := s.Values.Get("name"); s.ID.Class == object.Link && s.Op == object.Change && name != "" {
		return object.ID{Class: object.Link, Name: name}
	}
	return s.ID
}

// Inverse gives the steps that undo this one, in order.
func (s *Step) Inverse() []Step {
	w := s.Write
	switch s.Op {
	case object.Create:
		w.Op = object.Delete
		return append([]Step{{Write: w, Before: s.Values, Pos: s.Pos}}, s.regain()...)
	case object.Change:
		return s.restore()
	}
	if s.ID.Class != object.Link {
		w.Op, w.Values = object.Create, s.Before
		return []Step{{Write: w, Pos: s.Pos}}
	}
	steps := remake(&object.Object{ID: s.ID, Values: s.Before}, s.Kind)
	if s.peer != nil {
		steps = append(steps, revive(s.peer)...)
	}
	return append(steps, s.regain()...)
}

// Inverses lists what undoes steps, in order.
func Inverses(done []Step) []Step {
	list := make([]Step, 0, len(done))
	for i := len(done) - 1; i >= 0; i-- {
		for _, inverse := range done[i].Inverse() {
			if inverse.Values.Len() > 0 || inverse.Op != object.Change {
				list = append(list, inverse)
			}
		}
	}
	return list
}

// Taken tells whether a step was taken, where one can see it: its object is there
// and ours, or has gone, or its link has the new name.
func (s *Step) Taken(have *object.Snapshot) (taken, known bool) {
	o := have.Objects[s.After()]
	switch {
	case s.Op == object.Delete:
		return o == nil, true
	case s.Op == object.Change:
		return o != nil, s.After() != s.ID
	case o == nil:
		return false, true
	}
	spec := ClassSpec(s.ID.Class)
	return spec == nil || spec.Mark.Wire == 0 || o.Ours, true
}

// restore undoes a change. A port that gets its master back gets its options
// back after that; a link that is down again gets back its IPv6 addresses.
func (s *Step) restore() []Step {
	if s.Before.Len() == 0 {
		return s.regain() // what it was is not known before the step is taken
	}
	first, port := s.Before, object.NewValues()
	if s.Values.Has("master") && object.PortKind(s.Before) != "" {
		first, port = s.Before.Clone(), known(split(s.Before).port)
		first.DropFunc(object.IsPortKey)
	}
	w := s.Write
	w.ID, w.Values = s.After(), first
	steps := append([]Step{{Write: w, Before: s.Values, Cost: s.Cost, Pos: s.Pos}}, changes(s.After(), s.Kind, port)...)
	return append(steps, s.regain()...)
}

// regain gives the steps for what is lost.
func (s *Step) regain() []Step {
	var steps []Step
	for _, o := range s.lost {
		op := object.Create
		if o.Class == object.Sysctl || o.Class == object.Link {
			op = object.Change
		}
		steps = append(steps, Step{Write: object.Write{Op: op, ID: o.ID, Values: o.Values}})
	}
	return steps
}

// String gives the step on one line, in iproute2's order of words.
func (s *Step) String() string {
	if s.ID.Class == object.Sysctl {
		return fmt.Sprintf("set sysctl %s = %s%s", s.ID.Name, s.Values.Get("value"), was(s.Before.Get("value")))
	}
	line := s.Op.String() + " " + s.ID.Pretty(s.Values)
	if spec := object.LookupSpec(s.ID.Class); spec != nil && s.Op != object.Delete {
		return line + spec.Words(s.Values)
	}
	switch {
	case s.ID.Class == object.Link && s.Op == object.Create:
		return line + " kind " + s.Kind + words(s.Values, nil, s.Kind)
	case s.ID.Class == object.Link && s.Op == object.Change:
		return line + words(s.Values, s.Before, s.Kind)
	case s.ID.Class == object.Address && s.Op != object.Delete:
		return line + object.AddressSpec().Words(s.Values) + s.cleared(object.AddressSpec())
	}
	return line
}

// cleared gives " key default" for what a change sets back.
func (s *Step) cleared(spec *object.Spec) string {
	text := ""
	for i := range spec.Rows {
		r := &spec.Rows[i]
		if s.Before.Get(r.Key) != "" && s.Values.Get(r.Key) == "" && r.Default != "" && !r.Hidden && s.Op == object.Change {
			text += " " + r.Key + " " + r.Default
		}
	}
	return text
}

// words gives " key text" for each value, the kind's own without their prefix;
// with before, " key text (was old)".
func words(v, before object.Values, kind string) string {
	var b strings.Builder
	for _, key := range v.Keys() {
		if key == "kind" || before == nil && v.Get(key) == "" {
			continue
		}
		text := v.Get(key)
		if text == "" {
			text = "none"
		}
		fmt.Fprintf(&b, " %s %s%s", strings.TrimPrefix(key, kind+"."), text, was(before.Get(key)))
	}
	return b.String()
}

func was(text string) string {
	if text == "" {
		return ""
	}
	return " (was " + text + ")"
}
