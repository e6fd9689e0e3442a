package plan

import (
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// deleteLinks plans the end of the links that go, with all that is on them.
func (m *maker) deleteLinks(renames object.Renames) {
	for _, dev := range m.have.Of(object.Link) {
		if !m.gone[dev.Name] {
			continue
		}
		m.flush(dev.Name, isAny)
		m.releasePorts(dev, renames)
		m.deleteLink(dev, renames)
		delete(m.after.Made, dev.ID)
		delete(m.after.Before, dev.ID)
	}
}

func (m *maker) deleteLink(dev *object.Object, renames object.Renames) {
	if peer := dev.Values.Get("veth.peer"); m.gone[peer] && peer < dev.Name {
		return // goes with its other end
	}
	cost, needs := object.Recreate, []string{noRoutes(dev.Name), noAddrs(dev.Name), released(dev.Name)}
	if m.want.Find(dev.ID) == nil {
		cost = object.Down
	}
	carrier := object.Carrier(dev.Values)
	gives := []string{freeName(dev.Name), released(carrier), unladen(renamed(carrier, renames)), released(dev.Values.Get("master")), sized(renamed(dev.Values.Get("master"), renames)), replaced(dev.ID)}
	before := dev.Values.Clone()
	if _, set := m.owned.Before[dev.ID].Lookup("address"); before.Get("kind") == "bridge" && !set {
		before.Drop("address") // it follows the ports until one is set
	}
	step := Step{Write: object.Write{Op: object.Delete, ID: dev.ID, Values: dev.Values, Kind: dev.Values.Get("kind")}, Before: before, Cost: cost}
	if peer := m.have.Link(dev.Values.Get("veth.peer")); peer != nil {
		gives = order.Also(gives, freeName(peer.Name), released(peer.Values.Get("master")), sized(renamed(peer.Values.Get("master"), renames)), replaced(peer.ID))
		needs = order.Also(needs, noRoutes(peer.Name), noAddrs(peer.Name), released(peer.Name))
		step.peer = peer
	}
	for _, o := range m.have.Of(object.Sysctl) {
		if link := o.SysctlLink(); link == dev.Name || step.peer != nil && link == step.peer.Name {
			step.lost = append(step.lost, o)
		}
	}
	m.add(step, needs, gives)
}

// releasePorts takes the ports that stay off a link that goes, so that an undo
// puts them back.
func (m *maker) releasePorts(master *object.Object, renames object.Renames) {
	for _, dev := range m.have.Of(object.Link) {
		if dev.Values.Get("master") != master.Name || m.gone[dev.Name] {
			continue
		}
		before := split(dev.Values).port
		before.Set("master", master.Name)
		needs := []string{cleared(dev.Name)}
		if m.downs(master.Name) {
			needs = order.Also(needs, m.park(dev, renames)...)
		}
		m.add(Step{Write: change(dev.Name, object.NewValues("master", "")), Before: before}, needs, []string{released(master.Name), unported(dev.Name)})
	}
}

// remake gives the steps that bring a deleted link back as it was.
func remake(dev *object.Object, kind string) []Step {
	first, rest := object.NewValues(), object.NewValues()
	for _, p := range known(dev.Values).Pairs() {
		if afterCreation(dev, p.Key) {
			rest.Set(p.Key, p.Text)
			continue
		}
		first.Set(p.Key, p.Text)
	}
	port := split(first).port
	first.DropFunc(object.IsPortKey)
	steps := []Step{{Write: object.Write{Op: object.Create, ID: dev.ID, Values: first, Kind: kind}}}
	return append(steps, changes(dev.ID, kind, rest, port)...)
}

// revive gives the steps that bring the other end of a veth, which went and
// came back with its first end, back to what it was.
func revive(dev *object.Object) []Step {
	v := known(dev.Values)
	port := split(v).port
	v.DropFunc(func(key string) bool {
		return object.IsPortKey(key) || object.LinkRow(key).Cost == object.Recreate
	})
	return changes(dev.ID, dev.Values.Get("kind"), v, port)
}

// changes gives a step for each of the values that is not empty.
func changes(id object.ID, kind string, values ...object.Values) []Step {
	var steps []Step
	for _, v := range values {
		if v.Len() > 0 {
			steps = append(steps, Step{Write: object.Write{Op: object.Change, ID: id, Values: v, Kind: kind}})
		}
	}
	return steps
}

// known leaves out what has no row, is the link's name, or what a new link has
// anyway: a kernel may show options that it was not built to set.
func known(v object.Values) object.Values {
	c := object.NewValues()
	for _, p := range v.Pairs() {
		usual, _ := object.Default(v.Get("kind"), p.Key)
		if p.Key == "mtu" && object.Carrier(v) != "" {
			usual = "" // depends on what carries it
		}
		if object.LinkRow(p.Key) != nil && p.Key != "name" && p.Text != "" && p.Text != usual {
			c.Set(p.Key, p.Text)
		}
	}
	return c
}
