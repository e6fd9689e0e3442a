package plan

import (
	"fmt"
	"slices"

	"bootlink/rtcfg/object"
)

func linkID(name string) object.ID { return object.ID{Class: object.Link, Name: name} }

// resolve finds the device of each desired link, plans the renames, and leaves
// in m.have what was observed under the names that links will have.
func (m *maker) resolve(have *object.Snapshot) error {
	m.have = have
	renames := map[string]string{} // old → new
	for _, o := range m.want.Links() {
		dev, err := m.pick(o)
		if err != nil {
			return err
		}
		if dev == nil {
			continue
		}
		m.found[o.Name] = dev
		m.plan.Found[o.Name] = dev.Name
		if dev.Name != o.Name {
			renames[dev.Name] = o.Name
		}
	}
	m.spreadLateness()
	m.spreadDeletion()
	if err := m.checkTaken(renames); err != nil {
		return err
	}
	lost := m.rename(renames)
	m.have = view(have, renames, lost)
	for name, dev := range m.found {
		if o := m.have.Link(name); o != nil && dev != nil {
			m.found[name] = o
		}
	}
	return nil
}

// pick finds the device that a desired link means: nil if there is none.
func (m *maker) pick(o *object.Object) (*object.Object, error) {
	switch {
	case o.Match != nil:
		return m.pickMatch(o)
	case o.Values["kind"] == "":
		dev := m.have.Link(o.Name)
		if dev == nil && m.provider(o.Name) == nil {
			m.late[o.Name] = "a device of that name"
		}
		return dev, nil
	}
	return m.pickMade(o)
}

func (m *maker) pickMatch(o *object.Object) (*object.Object, error) {
	var hits []*object.Object
	for _, dev := range m.have.Of(object.Link) {
		if o.Match.Finds(dev, m.owned.Before[dev.ID]["name"]) {
			hits = append(hits, dev)
		}
	}
	switch len(hits) {
	case 0:
		m.late[o.Name] = "a device with " + o.Match.String()
		return nil, nil
	case 1:
		return hits[0], nil
	}
	return nil, &Conflict{Pos: o.Match.Pos, Hint: "add mac or path to tell them apart",
		What: fmt.Sprintf("link %q: %s fits %s and %s", o.Name, o.Match, hits[0].Name, hits[1].Name)}
}

// pickMade looks for a link with a kind. One of ours that has to be made anew
// counts as not found, and as going.
func (m *maker) pickMade(o *object.Object) (*object.Object, error) {
	dev := m.have.Link(o.Name)
	if dev == nil {
		return nil, nil
	}
	why := ""
	if have := dev.Values["kind"]; have != o.Values["kind"] {
		why = fmt.Sprintf("is %s and not a %s", kindWord(have), o.Values["kind"])
	} else {
		why = m.unchangeable(o, dev)
	}
	switch {
	case why == "":
		return dev, nil
	case m.made(dev):
		m.gone[dev.Name] = true
		return nil, nil
	}
	return nil, &Conflict{Pos: o.Pos, What: fmt.Sprintf("link %q exists, %s, and was not made by bootlink", o.Name, why),
		Hint: fmt.Sprintf("delete it (ip link delete %s) or give the link another name", o.Name)}
}

func kindWord(kind string) string {
	if kind == "" {
		return "a physical device"
	}
	return "a " + kind
}

// unchangeable says which attribute differs that can only be set at creation.
func (m *maker) unchangeable(o, dev *object.Object) string {
	for _, key := range o.Values.Keys() {
		r := object.LinkRow(key)
		if r != nil && r.Cost == object.Recreate && !r.Equal(o.Values[key], dev.Values[key]) {
			return fmt.Sprintf("has %s %s and not %s", key, dev.Values[key], o.Values[key])
		}
	}
	return ""
}

// made tells whether the state file says that we made this very link.
func (m *maker) made(dev *object.Object) bool {
	index, ok := m.owned.Made[dev.ID]
	return ok && (index == 0 || index == dev.Index)
}

// provider gives the desired veth whose other end has this name, or nil.
func (m *maker) provider(name string) *object.Object {
	for _, o := range m.want.Links() {
		if o.Values["veth.peer"] == name {
			return o
		}
	}
	return nil
}

// spreadLateness: what stands on a late link is late, too.
func (m *maker) spreadLateness() {
	for changed := true; changed; {
		changed = false
		for _, o := range m.want.Links() {
			lower := o.Values["vlan.link"]
			if m.late[lower] != "" && m.late[o.Name] == "" && m.found[o.Name] == nil {
				m.late[o.Name] = "link " + lower
				changed = true
			}
		}
	}
}

// spreadDeletion marks the links that go: ours that left the file, and what the
// kernel deletes with a link (VLANs above it, the other end of a veth).
func (m *maker) spreadDeletion() {
	for _, dev := range m.have.Of(object.Link) {
		peer := m.want.Find(linkID(dev.Values["veth.peer"]))
		if m.made(dev) && m.want.Find(dev.ID) == nil && m.provider(dev.Name) == nil && !m.isFound(dev) && peer == nil {
			m.gone[dev.Name] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for _, dev := range m.have.Of(object.Link) {
			v := dev.Values
			if !m.gone[dev.Name] && (m.gone[v["vlan.link"]] || m.gone[v["veth.peer"]]) {
				m.gone[dev.Name], changed = true, true
				delete(m.found, dev.Name)
			}
		}
	}
}

func (m *maker) isFound(dev *object.Object) bool {
	for _, f := range m.found {
		if f == dev {
			return true
		}
	}
	return false
}

// checkTaken refuses to take a name from a device that the file does not move.
func (m *maker) checkTaken(renames map[string]string) error {
	for _, name := range sorted(renames) {
		to := renames[name]
		holder := m.have.Link(to)
		if holder == nil || renames[to] != "" || m.gone[to] {
			continue
		}
		return &Conflict{Pos: m.want.Find(linkID(to)).Pos,
			What: fmt.Sprintf("link %q cannot be called so: another device (%s) has the name", to, holder.Values["address"]),
			Hint: fmt.Sprintf("add a table for that device with a name of its own, or choose another name than %q", to)}
	}
	return nil
}

// rename plans the renames; circles (lan1 ↔ lan2) go through a name of our own.
// It gives the objects that the renames' down times cost.
func (m *maker) rename(renames map[string]string) map[object.ID]bool {
	lost := map[object.ID]bool{}
	parked := map[string]bool{}
	for i, from := range sorted(renames) {
		to, dev := renames[from], m.have.Link(from)
		pos := m.want.Find(linkID(to)).Pos
		cost := object.Live
		if dev.Values["up"] == "true" {
			cost = object.Down
			m.flush(from, lost)
			m.add(Step{Write: change(from, object.Values{"up": "false"}), Before: object.Values{"up": "true"}, Cost: cost, Pos: pos},
				[]string{noRoutes(from), noAddrs(from)}, []string{isDown(from)})
		}
		first := from
		if inCircle(renames, from, parked) {
			first = fmt.Sprintf("bootlink%d", i)
			parked[from] = true
			m.add(Step{Write: change(from, object.Values{"name": first}), Before: object.Values{"name": from}, Cost: cost, Pos: pos},
				[]string{isDown(from)}, []string{freeName(from), linkIs(first)})
		}
		m.add(Step{Write: change(first, object.Values{"name": to}), Before: object.Values{"name": first}, Cost: cost, Pos: pos},
			[]string{isDown(from), linkIs(first), freeName(to)}, []string{linkIs(to), freeName(first)})
		m.remember(linkID(to), "name", m.original(from))
	}
	return lost
}

func change(link string, v object.Values) object.Write {
	return object.Write{Op: object.Change, ID: linkID(link), Values: v}
}

// inCircle tells whether following the renames from a name leads back to it, by
// way of no name that is parked already.
func inCircle(renames map[string]string, from string, parked map[string]bool) bool {
	for at := renames[from]; at != "" && !parked[at]; at = renames[at] {
		if at == from {
			return true
		}
	}
	return false
}

// original is the name that a link had before we ever renamed it; the memory
// of the former name moves with the link.
func (m *maker) original(name string) string {
	if was := m.owned.Before[linkID(name)]["name"]; was != "" {
		return was
	}
	return name
}

// flush deletes what the kernel would take away with the link's down time: our
// routes by way of it and our IPv6 addresses on it. They are made again where
// the file still wants them.
func (m *maker) flush(link string, lost map[object.ID]bool) {
	for _, o := range m.have.Of(object.Route) {
		if o.Values["dev"] == link && o.Ours {
			m.remove(o, nil, []string{noRoutes(link)})
			lost[o.ID] = true
		}
	}
	for _, o := range m.have.Of(object.Address) {
		if o.Values["dev"] == link && m.ours(o) && o.Local().Addr().Is6() {
			m.remove(o, []string{noRoutes(link)}, []string{noAddrs(link)})
			lost[o.ID] = true
		}
	}
}

// remove plans the deletion of an observed object.
func (m *maker) remove(o *object.Object, needs, gives []string) {
	m.add(Step{Write: object.Write{Op: object.Delete, ID: o.ID, Values: o.Values, Kind: o.Values["kind"]}, Before: o.Values},
		needs, append(gives, replaced(o.ID)))
	delete(m.after.Made, o.ID)
}

// view gives the snapshot as it will be after the renames and without what they
// cost. Links that go and whose name is taken by another stand no longer in it.
func view(have *object.Snapshot, renames map[string]string, lost map[object.ID]bool) *object.Snapshot {
	if len(renames) == 0 {
		return have
	}
	taken := map[string]bool{}
	for _, to := range renames {
		taken[to] = true
	}
	seen := &object.Snapshot{Objects: map[object.ID]*object.Object{}}
	for id, o := range have.Objects {
		dev := o.Values["dev"]
		switch {
		case lost[id]:
			continue
		case id.Class == object.Link && taken[id.Name] && renames[id.Name] == "",
			taken[dev] && renames[dev] == "":
			continue
		}
		moved := o.Renamed(renames)
		if moved != o && id.Class == object.Link && renames[id.Name] != "" {
			moved.Values["up"] = "false"
		}
		seen.Objects[moved.ID] = moved
	}
	return seen
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// remember notes how an attribute was before we first changed it.
func (m *maker) remember(id object.ID, key, was string) {
	if m.after.Before[id] == nil {
		m.after.Before[id] = object.Values{}
	}
	if _, known := m.after.Before[id][key]; !known {
		m.after.Before[id][key] = was
	}
}

// restored forgets an attribute that is as it was before us.
func (m *maker) restored(id object.ID, key string) {
	delete(m.after.Before[id], key)
	if len(m.after.Before[id]) == 0 {
		delete(m.after.Before, id)
	}
}

// ours tells whether an observed address or route is ours to delete.
func (m *maker) ours(o *object.Object) bool {
	_, made := m.owned.Made[o.ID]
	return o.Ours || made
}
