package plan

import (
	"bootlink/rtcfg/object"
)

// remember notes how an attribute was before we first changed it.
func (m *maker) remember(id object.ID, key, was string) {
	if m.after.Before[id] == nil {
		m.after.Before[id] = object.NewValues()
	}
	if !m.after.Before[id].Has(key) {
		m.after.Before[id].Set(key, was)
	}
}

// restored forgets an attribute that is as it was before us.
func (m *maker) restored(id object.ID, key string) {
	m.after.Before[id].Drop(key)
	if m.after.Before[id].Len() == 0 {
		delete(m.after.Before, id)
	}
}

// rememberNew notes what a link that we make would have been without the file:
// that is what an attribute goes back to when it leaves the file. A MAC address
// is random: "" says that the file has set it.
func (m *maker) rememberNew(o *object.Object) {
	m.after.Made[o.ID] = 0
	delete(m.after.Before, o.ID)
	for _, key := range o.Values.Keys() {
		if text, known := m.fresh(o, key); known || key == "address" {
			m.remember(o.ID, key, text)
		}
		if key == "veth.netns" {
			m.remember(o.ID, key, o.Values.Get(key))
		}
	}
}

// fresh gives what a new link has for a key.
func (m *maker) fresh(o *object.Object, key string) (text string, known bool) {
	parent := object.Carrier(o.Values)
	if parent == "" || key != "mtu" { // a VLAN starts with the MTU of what carries it
		return object.Default(o.Values.Get("kind"), key)
	}
	if below := m.want.Find(linkID(parent)); below != nil && below.Values.Get("mtu") != "" {
		return below.Values.Get("mtu"), true
	}
	if below := m.have.Link(parent); below != nil {
		return below.Values.Get("mtu"), true
	}
	return object.Default(o.Values.Get("kind"), key)
}

// rememberChanged notes what an existing link had, for each key that the file
// changes now.
func (m *maker) rememberChanged(o, dev *object.Object, diff object.Values) {
	for _, key := range diff.Keys() {
		if !o.Values.Has(key) {
			continue
		}
		was, known := dev.Values.Lookup(key)
		back, off := m.rejoin[o.Name].Lookup(key)
		switch {
		case off:
			was = back // it only leaves its master for a while
		case key == "up":
			was = wasUp(m.downed[dev.Name], was)
		case object.IsPortKey(key) && diff.Get("master") != "":
			was, known = object.Default("", key) // of the new master's port
		}
		if known {
			m.remember(o.ID, key, was)
		}
	}
}

// wasUp looks past the down time that a rename costs.
func wasUp(downed bool, now string) string {
	if downed {
		return "true"
	}
	return now
}

// forget drops from memory what is neither there nor wanted any more.
func (m *maker) forget() {
	for id, index := range m.after.Made {
		dev := m.have.Objects[id]
		gone := dev == nil && m.want.Find(id) == nil
		if dev != nil && id.Class == object.Link && index != 0 && index != dev.Index {
			delete(m.after.Made, id) // another link of this name
			delete(m.after.Before, id)
			continue
		}
		if id.Class == object.Link {
			gone = gone && m.provider(id.Name) == nil
		}
		if gone {
			delete(m.after.Made, id)
		}
	}
	for id := range m.after.Before {
		_, made := m.after.Made[id]
		taken := id.Class == object.Address || object.LookupSpec(id.Class) != nil && object.LookupSpec(id.Class).Mark.Wire != 0
		if m.want.Find(id) == nil && (id.Class == object.Link && m.have.Objects[id] == nil || taken && !made) {
			delete(m.after.Before, id)
		}
	}
}
