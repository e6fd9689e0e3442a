package plan

import (
	"fmt"
	"maps"

	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// Undone compares the kernel with what inverses of steps have made of it, and gives
// a line for each object that is not what it was before the steps. The last word on
// each counts.
func Undone(inverses []Step, have *object.Snapshot) (left []string) {
	was := map[object.ID]*former{}
	for i := range inverses {
		recall(was, &inverses[i])
	}
	for _, id := range object.SortedIDs(was) {
		if dev := was[id].values.Get("dev"); dev != "" && have.Link(dev) == nil {
			continue // gone with its link, of which there is a line of its own if it was ours
		}
		if line := was[id].differs(id, have.Objects[id]); line != "" {
			left = order.Also(left, line)
		}
	}
	return left
}

// A former is what an object was: not there, or there with these values.
type former struct {
	_ [0]func() // no equality: it would be code

	gone, made bool
	values     object.Values
}

// recall notes what an inverse step says of its object.
func recall(was map[object.ID]*former, inverse *Step) {
	f := was[inverse.ID]
	if f == nil || inverse.Op != object.Change {
		f = &former{values: object.NewValues()}
	}
	switch inverse.Op {
	case object.Delete:
		f.gone = true
	case object.Create:
		f.made = true
	}
	f.values.Fill(inverse.Values)
	f.values.Drop("name")
	was[inverse.ID] = f
	if peer := inverse.Values.Get("veth.peer"); peer != "" && inverse.ID.Class == object.Link && inverse.Op != object.Change {
		was[object.ID{Class: object.Link, Name: peer}] = &former{gone: f.gone, values: object.NewValues()} // comes and goes with it
	}
	if after := inverse.After(); after != inverse.ID {
		rename(was, object.Renames{inverse.ID.Name: after.Name})
	}
}

// rename gives a link, and what belongs to it, its other name.
func rename(was map[object.ID]*former, r object.Renames) {
	for id, f := range maps.Clone(was) {
		o := (&object.Object{ID: id, Values: f.values}).Renamed(r)
		delete(was, id)
		f.values = o.Values
		was[o.ID] = f
	}
}

// differs says how an object is not what it was, "" if it is.
func (f *former) differs(id object.ID, have *object.Object) string {
	switch {
	case f.gone && have != nil:
		return fmt.Sprintf("%s is there and was not", id)
	case f.gone:
		return ""
	case have == nil && (id.Class == object.Sysctl || id.Class == object.Link && !f.made):
		return "" // gone with its link, which no step of ours has taken away
	case have == nil:
		return fmt.Sprintf("%s is not there and was", id)
	case id.Class == object.Link || id.Class == object.Sysctl:
		return f.keyDiffers(id, have)
	}
	if s := ClassSpec(id.Class); s != nil && f.made {
		if _, same := s.Compare(f.values, have.Values, f.values); !same {
			return fmt.Sprintf("%s is not what it was: %s", id, s.Words(f.values))
		}
	}
	return ""
}

// keyDiffers looks at single settings.
func (f *former) keyDiffers(id object.ID, have *object.Object) string {
	for _, key := range f.values.Keys() {
		was := f.values.Get(key)
		now, told := have.Values.Lookup(key)
		if !told {
			continue // of a port that is none any more
		}
		if id.Class == object.Sysctl && object.SameSysctl(was, now) {
			continue
		}
		if r := object.LinkRow(key); r == nil || r.Equal(was, now) || key == "address" {
			continue
		}
		return fmt.Sprintf("%s has %s %s and not %s", id, key, now, was)
	}
	return ""
}

// ClassSpec gives the rows of a class, nil for links and sysctls.
func ClassSpec(c object.Class) *object.Spec {
	switch c {
	case object.Address:
		return object.AddressSpec()
	case object.Route:
		return object.RouteSpec()
	}
	return object.LookupSpec(c)
}
