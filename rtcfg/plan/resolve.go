package plan

import (
	"cmp"
	"fmt"

	"bootlink/rtcfg/object"
)

func linkID(name string) object.ID { return object.ID{Class: object.Link, Name: name} }

// resolve finds the device of each desired link, plans the deletions and the
// renames, and leaves in m.have what will be there afterwards, under the names
// that links will have.
func (m *maker) resolve() error {
	m.recollect()
	if err := m.pickMatches(); err != nil {
		return err
	}
	m.pickNames()
	m.findHomes()
	if err := m.pickMade(); err != nil {
		return err
	}
	m.spreadDeletion()
	m.spreadLateness()
	renames := m.renames()
	if err := m.checkTaken(renames); err != nil {
		return err
	}
	m.deleteLinks(renames)
	m.rename(renames)
	return nil
}

// recollect adds what the kernel does not tell and we remember: where the other
// end of a veth is.
func (m *maker) recollect() {
	for id, before := range m.owned.Before {
		if dev := m.have.Objects[id]; dev != nil && dev.Abroad && before.Get("veth.netns") != "" {
			v := dev.Values.Clone()
			v.Set("veth.netns", before.Get("veth.netns"))
			m.becomes(dev, v)
		}
	}
}

// claim notes that a desired link means a device.
func (m *maker) claim(o, dev *object.Object) {
	m.found[o.Name], m.claimed[dev] = dev, o
}

// pickMatches finds the devices that are meant by what they are.
func (m *maker) pickMatches() error {
	for _, o := range m.want.Links() {
		if o.Match == nil {
			continue
		}
		dev, err := m.pickMatch(o)
		if err != nil {
			return err
		}
		if dev == nil {
			m.late[o.Name] = "a device with " + o.Match.String()
			continue
		}
		m.claim(o, dev)
	}
	return nil
}

func (m *maker) pickMatch(o *object.Object) (*object.Object, error) {
	var hits []*object.Object
	for _, dev := range m.have.Of(object.Link) {
		if o.Match.Finds(dev, m.owned.Before[dev.ID]) {
			hits = append(hits, dev)
		}
	}
	if len(hits) > 1 {
		return nil, &Conflict{Pos: o.Match.Pos, Hint: "add mac or path to tell them apart",
			What: fmt.Sprintf("link %q: %s fits %s and %s", o.Name, o.Match, hits[0].Name, hits[1].Name)}
	}
	if len(hits) == 0 {
		return nil, nil
	}
	if other := m.claimed[hits[0]]; other != nil {
		return nil, &Conflict{Pos: o.Match.Pos, Hint: "say more in one of the two matches",
			What: fmt.Sprintf("links %q and %q both mean %s", other.Name, o.Name, hits[0].Name)}
	}
	return hits[0], nil
}

// pickNames finds the devices that are meant by their name alone: as the device
// came, or else as it is called now.
func (m *maker) pickNames() {
	for _, o := range m.want.Links() {
		if o.Match != nil || m.shape(o) != nil {
			continue
		}
		var now, came *object.Object
		for _, dev := range m.have.Of(object.Link) {
			switch {
			case m.claimed[dev] != nil:
			case dev.Name == o.Name:
				now = dev
			case m.original(dev) == o.Name:
				came = dev
			}
		}
		if now != nil && m.original(now) != o.Name && came != nil {
			now = nil
		}
		if dev := cmp.Or(now, came); dev != nil {
			m.claim(o, dev)
		}
	}
}

// original is the name that a device had before we ever renamed it.
func (m *maker) original(dev *object.Object) string {
	return cmp.Or(m.owned.Before[dev.ID].Get("name"), dev.Name)
}

// findHomes finds the devices that left the file and get back the name that
// they came with: those whose name is free, or becomes free.
func (m *maker) findHomes() {
	for _, dev := range m.have.Of(object.Link) {
		if m.claimed[dev] == nil && m.original(dev) != dev.Name {
			m.home[dev] = m.original(dev)
		}
	}
	for again := true; again; {
		again = false
		for dev, name := range m.home {
			if !m.isFree(name, dev) {
				delete(m.home, dev)
				again = true
			}
		}
	}
}

func (m *maker) isFree(name string, dev *object.Object) bool {
	for other, to := range m.home {
		if to == name && other != dev && other.Index < dev.Index {
			return false
		}
	}
	holder := m.have.Link(name)
	return m.want.Find(linkID(name)) == nil && m.provider(name) == nil && (holder == nil || m.moves(holder))
}

// moves tells a device that gets another name.
func (m *maker) moves(dev *object.Object) bool {
	if o := m.claimed[dev]; o != nil {
		return o.Name != dev.Name
	}
	return m.home[dev] != ""
}

// shape gives the values of a link that is made, by its own table or as the
// other end of a veth, which only its creation can set; nil for a device.
func (m *maker) shape(o *object.Object) object.Values {
	provider := m.provider(o.Name)
	switch {
	case o.Values.Get("kind") != "":
		return o.Values
	case provider != nil:
		return object.NewValues("kind", "veth", "veth.peer", provider.Name)
	}
	return nil
}

// pickMade looks for the links that have a kind. One of ours that has to be
// made anew counts as not found, and as going.
func (m *maker) pickMade() error {
	for _, o := range m.want.Links() {
		dev := m.have.Link(o.Name)
		shape := m.shape(o)
		if shape == nil || o.Match != nil || dev == nil || m.moves(dev) {
			continue
		}
		why := unfit(m.recalled(o, dev, shape), dev)
		switch {
		case why == "":
			m.claim(o, dev)
		case m.made(dev):
			m.gone[dev.Name] = true
		default:
			return m.notOurs(o, dev, why)
		}
	}
	return nil
}

// recalled adds to a shape what left the file and only a new link can lose.
func (m *maker) recalled(o, dev *object.Object, shape object.Values) object.Values {
	v := shape.Clone()
	for _, p := range m.owned.Before[o.ID].Pairs() {
		key, was := p.Key, p.Text
		wanted := o.Values.Has(key)
		r, now := object.LinkRow(key), dev.Values.Get(key)
		if r != nil && !wanted && now != was && r.CostOf(now, was) == object.Recreate && m.made(dev) {
			v.Set(key, was)
		}
	}
	return v
}

func (m *maker) notOurs(o, dev *object.Object, why string) *Conflict {
	c := &Conflict{Pos: o.Pos, What: fmt.Sprintf("link %q exists, %s, and was not made by bootlink", o.Name, why),
		Hint: fmt.Sprintf("delete it (ip link delete %s) or give the link another name", o.Name)}
	if dev.Physical() {
		c.Hint = "give the link another name"
	}
	return c
}

// unfit says why a link cannot get a shape: its kind, or what can only be set
// at creation. What the kernel does not tell (the other end of a veth in another
// namespace) is taken for right.
func unfit(shape object.Values, dev *object.Object) string {
	if have := dev.Values.Get("kind"); have != shape.Get("kind") {
		return fmt.Sprintf("is %s and not a %s", kindWord(have), shape.Get("kind"))
	}
	switch abroad := shape.Get("veth.netns") != ""; {
	case abroad && !dev.Abroad:
		return "has its other end in this namespace"
	case !abroad && dev.Values.Get("veth.netns") != "":
		return "has its other end in another namespace"
	}
	for _, key := range shape.Keys() {
		r := object.LinkRow(key)
		have, known := dev.Values.Lookup(key)
		if r != nil && r.CostOf(have, shape.Get(key)) == object.Recreate && known && !r.Equal(shape.Get(key), have) {
			return fmt.Sprintf("has %s %s and not %s", key, have, shape.Get(key))
		}
	}
	return ""
}

func kindWord(kind string) string {
	if k := object.LookupKind(kind); kind == "" || k != nil && k.Hardware {
		return "a physical device"
	}
	return "a " + kind
}

// made tells whether the state file says that we made this very link. A device
// is nobody's to delete, whatever that says.
func (m *maker) made(dev *object.Object) bool {
	index, ok := m.owned.Made[dev.ID]
	return ok && (index == 0 || index == dev.Index) && !dev.Physical()
}

// provider gives the desired veth whose other end has this name, or nil.
func (m *maker) provider(name string) *object.Object { return m.providers[name] }

// providers gives the desired veths by the names of their other ends.
func providers(want *object.Desired) map[string]*object.Object {
	list := map[string]*object.Object{}
	for _, o := range want.Links() {
		if peer := o.Values.Get("veth.peer"); peer != "" && list[peer] == nil {
			list[peer] = o
		}
	}
	return list
}

// isPeer tells the other end of a desired veth.
func (m *maker) isPeer(dev *object.Object) bool {
	provider := m.provider(dev.Name)
	return provider != nil && unfit(object.NewValues("kind", "veth", "veth.peer", provider.Name), dev) == ""
}

// spreadDeletion marks the links that go: ours that left the file, and what the
// kernel deletes with a link (VLANs above it, the other end of a veth).
func (m *maker) spreadDeletion() {
	for _, dev := range m.have.Of(object.Link) {
		if m.made(dev) && m.claimed[dev] == nil && !m.isPeer(dev) {
			m.gone[dev.Name] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for _, dev := range m.have.Of(object.Link) {
			v := dev.Values
			if !m.gone[dev.Name] && (m.gone[object.Carrier(v)] || m.gone[v.Get("veth.peer")]) {
				m.gone[dev.Name], changed = true, true
			}
		}
	}
	for name, dev := range m.found {
		if m.gone[dev.Name] {
			delete(m.found, name)
			delete(m.claimed, dev)
		}
	}
	for dev := range m.home {
		if m.gone[dev.Name] {
			delete(m.home, dev)
		}
	}
}

// spreadLateness finds what cannot be there yet: devices that nobody makes, and
// what stands on them.
func (m *maker) spreadLateness() {
	for _, o := range m.want.Links() {
		if why := m.have.Lacking[o.ID]; why != "" && m.found[o.Name] == nil {
			m.late[o.Name] = why
		}
		if o.Values.Get("kind") != "" || m.found[o.Name] != nil || m.late[o.Name] != "" {
			continue
		}
		switch provider := m.provider(o.Name); {
		case provider == nil:
			m.late[o.Name] = "a device of that name"
		case m.found[provider.Name] != nil:
			m.late[o.Name] = fmt.Sprintf("the other end of %s to come back to this namespace", provider.Name)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, o := range m.want.Links() {
			lower := object.Carrier(o.Values)
			if end := m.provider(o.Name); end != nil {
				lower = end.Name
			}
			if m.late[lower] != "" && m.late[o.Name] == "" && m.found[o.Name] == nil {
				m.late[o.Name] = "link " + lower
				changed = true
			}
		}
	}
}

// ours tells whether an observed address or route is ours to delete.
func (m *maker) ours(o *object.Object) bool {
	_, made := m.owned.Made[o.ID]
	return o.Ours || made
}

// absent tells a link that is not there and that this plan does not make.
func (m *maker) absent(link string) bool {
	end := m.provider(link)
	return link != "" && (m.late[link] != "" || m.have.Link(link) == nil && m.want.Find(linkID(link)) == nil && (end == nil || m.late[end.Name] != ""))
}
