package plan

import (
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// detach takes the ports off the links that are to change in a way that they
// cannot with ports. The ports join again, also those that the file says nothing
// of.
func (m *maker) detach() {
	for _, dev := range m.have.Of(object.Link) {
		if m.costs(dev) != object.Detach {
			continue
		}
		m.bared[dev.Name] = true
		for _, port := range m.have.Of(object.Link) {
			if port.Values.Get("master") == dev.Name {
				m.unport(port)
			}
		}
	}
}

// unport plans that a port leaves its master, which sets it down. From then on
// m.have has it so.
func (m *maker) unport(port *object.Object) {
	before := split(port.Values).port
	before.Set("master", port.Values.Get("master"))
	needs := order.Also(m.park(port, object.Renames{}), cleared(port.Name))
	m.add(Step{Write: change(port.Name, object.NewValues("master", "")), Before: before, Cost: object.Detach}, needs,
		[]string{released(before.Get("master")), detached(before.Get("master")), unported(port.Name)})
	m.rejoin[port.Name] = before
	v := port.Values.Clone()
	v.Set("master", "")
	v.Set("up", "false")
	v.DropFunc(object.IsPortKey)
	m.becomes(port, v)
}

// comeBack adds to a port's change that it joins again what it was taken off for a
// while, unless the file says otherwise or what it said is to be forgotten.
func (m *maker) comeBack(id object.ID, wanted, diff object.Values) {
	says := wanted.Has("master")
	said := m.owned.Before[id].Has("master")
	if !says && !said {
		diff.Fill(m.rejoin[id.Name])
	}
}

// becomes notes what a link will have by the time that its own steps come.
func (m *maker) becomes(dev *object.Object, v object.Values) {
	c := *dev
	c.Values = v
	m.have.Put(&c)
	if o := m.claimed[dev]; o != nil {
		delete(m.claimed, dev)
		m.claim(o, &c)
	}
}
