package plan

import (
	"fmt"

	"bootlink/rtcfg/object"
)

// links plans every desired link, and the end of those that go.
func (m *maker) links() error {
	for _, o := range m.want.Links() {
		switch {
		case m.late[o.Name] != "":
			m.await(o, m.late[o.Name])
		case m.found[o.Name] != nil:
			m.adjust(o, m.found[o.Name])
		default:
			m.create(o)
		}
	}
	m.deleteLinks()
	return nil
}

// parts sorts a link's values by when they can be written.
type parts struct {
	base object.Values // with the link's creation, or while it is down
	port object.Values // once it has its master
	up   string
}

func split(v object.Values) parts {
	p := parts{base: object.Values{}, port: object.Values{}}
	for key, text := range v {
		switch {
		case key == "up":
			p.up = text
		case key == "kind":
		case object.IsPortKey(key):
			p.port[key] = text
		default:
			p.base[key] = text
		}
	}
	return p
}

// lower gives the links that must exist before this one has these values.
func lower(v object.Values) []string {
	var needs []string
	for _, key := range []string{"master", "vlan.link"} {
		if v[key] != "" {
			needs = append(needs, linkIs(v[key]))
		}
	}
	return needs
}

// create plans a link that is not there. The other end of a veth pair comes with
// its first end, and is then adjusted.
func (m *maker) create(o *object.Object) {
	m.dropLateMaster(o)
	p := split(o.Values)
	provider := m.provider(o.Name)
	if provider != nil && (o.Values["kind"] == "" || !m.firstOfPair(o, provider)) {
		m.after.Made[o.ID] = 0
		m.set(o, p, object.Values{"up": "false", "master": "", "alias": ""})
		return
	}
	first, rest := object.Values{}, parts{base: object.Values{}, port: p.port, up: p.up}
	for key, text := range p.base {
		if afterCreation(o, key) {
			rest.base[key] = text
		} else {
			first[key] = text
		}
	}
	needs, gives := append(lower(first), freeName(o.Name)), []string{linkIs(o.Name)}
	if parent := o.Values["vlan.link"]; parent != "" {
		needs = append(needs, isSet(parent))
	}
	if peer := o.Values["veth.peer"]; peer != "" {
		needs, gives = append(needs, freeName(peer)), append(gives, linkIs(peer))
		m.after.Made[linkID(peer)] = 0
	}
	if len(rest.base)+len(rest.port) == 0 && !m.hasSysctls(o.Name) && p.up == "true" {
		first["up"], rest.up = "true", ""
		needs, gives = append(needs, isUp(o.Values["vlan.link"])), append(gives, isUp(o.Name), isSet(o.Name))
	}
	cost := object.Live
	if m.gone[o.Name] {
		cost = object.Recreate
	}
	m.add(Step{Write: object.Write{Op: object.Create, ID: o.ID, Values: first, Kind: o.Values["kind"]}, Cost: cost, Pos: o.Pos}, needs, gives)
	m.after.Made[o.ID] = 0
	delete(m.after.Before, o.ID)
	m.set(o, rest, object.Values{"up": "false", "alias": ""})
}

// afterCreation tells attributes that the kernel does not take, or does not
// keep, when they come with the creation: a bridge follows its ports' MTU until
// one is set on it.
func afterCreation(o *object.Object, key string) bool {
	return key == "alias" || key == "mtu" && o.Values["kind"] == "bridge"
}

// firstOfPair: where both ends of a veth have a kind, the one that stands first
// in the file makes the pair.
func (m *maker) firstOfPair(o, peer *object.Object) bool {
	if m.found[peer.Name] != nil || peer.Values["kind"] != "veth" {
		return false
	}
	return o.Pos.Compare(peer.Pos) < 0
}

// dropLateMaster puts off joining a master that is not there yet.
func (m *maker) dropLateMaster(o *object.Object) {
	if master := o.Values["master"]; m.late[master] != "" {
		m.await(o, "its master "+master)
		delete(o.Values, "master")
	}
}

// set plans the writes of values to an existing link: attributes, then what
// needs the master, then up. before holds what is known of the present values.
func (m *maker) set(o *object.Object, p parts, before object.Values) {
	link := o.Name
	join := len(p.base) > 0 && p.up == "true" && len(p.port) == 0 && !m.hasSysctls(link)
	if join {
		p.base["up"] = p.up
	}
	needs := append(lower(p.base), linkIs(link), isDown(link))
	ready := []string{isUp(o.Values["vlan.link"]), sysctlsOf(link), noRoutes(link), noAddrs(link)}
	if p.up == "true" {
		ready = ready[:2]
	}
	if len(p.base) > 0 {
		gives := []string{isSet(link), released(before["master"])}
		if join {
			gives, needs = append(gives, isUp(link)), append(needs, ready...)
		}
		m.write(o, p.base, before, needs, gives)
	}
	if len(p.port) > 0 {
		m.write(o, p.port, before, []string{linkIs(link), isSet(link)}, []string{"port " + link})
	}
	if p.up == "false" && before["up"] == "true" {
		m.takeDown(link)
	}
	if p.up != "" && !join {
		m.write(o, object.Values{"up": p.up}, before, append(ready, linkIs(link), isSet(link), "port "+link), []string{isUp(link)})
	}
}

// takeDown deletes first what the kernel would take away with the link's down
// time, so that an undo knows it.
func (m *maker) takeDown(link string) {
	lost := map[object.ID]bool{}
	m.flush(link, lost)
	for id := range lost {
		delete(m.have.Objects, id)
	}
}

func (m *maker) write(o *object.Object, v, have object.Values, needs, gives []string) {
	before, cost := object.Values{}, object.Live
	for key := range v {
		if text, known := have[key]; known {
			before[key] = text
		}
		if r := object.LinkRow(key); r != nil {
			cost = max(cost, r.Cost)
		}
		if key == "up" && v[key] == "false" {
			cost = object.Down
		}
	}
	w := object.Write{Op: object.Change, ID: o.ID, Values: v, Kind: o.Values["kind"]}
	if have["kind"] != "" {
		w.Kind = have["kind"]
	}
	if master := m.want.Find(linkID(o.Values["master"])); master != nil {
		w.Port = master.Values["kind"]
	}
	m.add(Step{Write: w, Before: before, Cost: cost, Pos: o.Pos}, needs, gives)
}

// adjust plans the difference between a desired link and the one that is there.
func (m *maker) adjust(o, dev *object.Object) {
	m.dropLateMaster(o)
	diff := object.Values{}
	for key, text := range o.Values {
		r := object.LinkRow(key)
		if r != nil && !r.Equal(text, dev.Values[key]) {
			diff[key] = text
		}
	}
	if m.gone[dev.Values["master"]] && o.Values["master"] == dev.Values["master"] {
		diff["master"] = o.Values["master"] // its master is made anew
	}
	m.recall(o, dev, diff)
	if len(diff) > 0 {
		m.set(o, split(diff), dev.Values)
	}
}

// recall brings back attributes that left the file, and remembers those that
// are now changed for the first time.
func (m *maker) recall(o, dev *object.Object, diff object.Values) {
	for key, was := range m.owned.Before[o.ID] {
		if _, wanted := o.Values[key]; wanted || key == "name" {
			continue
		}
		if _, known := dev.Values[key]; known && dev.Values[key] != was {
			diff[key] = was
		}
		m.restored(o.ID, key)
	}
	if m.made(dev) {
		return
	}
	for key := range diff {
		_, wanted := o.Values[key]
		if was, known := dev.Values[key]; wanted && known {
			m.remember(o.ID, key, was)
		}
	}
}

// deleteLinks plans the end of links that go, and gives back the attributes of
// those that left the file but are not ours to delete.
func (m *maker) deleteLinks() {
	for _, dev := range m.have.Of(object.Link) {
		switch {
		case m.gone[dev.Name]:
			m.deleteLink(dev)
		case m.want.Find(dev.ID) == nil && m.owned.Before[dev.ID] != nil:
			m.release(dev)
		}
	}
}

func (m *maker) deleteLink(dev *object.Object) {
	delete(m.after.Made, dev.ID)
	if peer := dev.Values["veth.peer"]; m.gone[peer] && peer < dev.Name {
		return // goes with its other end
	}
	if m.gone[dev.Values["vlan.link"]] && !m.made(dev) {
		return // goes with the link that carries it
	}
	cost, needs := object.Recreate, []string{noRoutes(dev.Name), noAddrs(dev.Name), released(dev.Name)}
	if m.want.Find(dev.ID) == nil {
		cost = object.Down
	}
	gives := []string{freeName(dev.Name), released(dev.Values["vlan.link"]), released(dev.Values["master"]), replaced(dev.ID)}
	step := Step{Write: object.Write{Op: object.Delete, ID: dev.ID, Values: dev.Values, Kind: dev.Values["kind"], Port: m.portKind(dev)}, Before: dev.Values, Cost: cost}
	if peer := dev.Values["veth.peer"]; peer != "" {
		gives = append(gives, freeName(peer))
		needs = append(needs, noRoutes(peer), noAddrs(peer), released(peer))
		step.peer = m.lastWords(peer)
	}
	m.releasePorts(dev)
	m.add(step, needs, gives)
	if m.want.Find(dev.ID) != nil { // made anew: remembered again by create
		m.after.Made[dev.ID] = 0
	}
}

// portKind is the kind of the link that an observed link is a port of.
func (m *maker) portKind(dev *object.Object) string {
	if master := m.have.Link(dev.Values["master"]); master != nil {
		return master.Values["kind"]
	}
	return ""
}

// lastWords is what it takes to bring the other end of a veth pair, which goes
// with its first end, back to what it was.
func (m *maker) lastWords(peer string) *Step {
	dev := m.have.Link(peer)
	if dev == nil {
		return nil
	}
	v := object.Values{}
	for key, text := range dev.Values {
		if r := object.LinkRow(key); r != nil && key != "name" && r.Cost != object.Recreate && text != "" {
			v[key] = text
		}
	}
	return &Step{Write: object.Write{Op: object.Change, ID: dev.ID, Values: v, Kind: dev.Values["kind"], Port: m.portKind(dev)}}
}

// releasePorts takes foreign ports off a link that goes, so that an undo puts
// them back.
func (m *maker) releasePorts(master *object.Object) {
	for _, dev := range m.have.Of(object.Link) {
		if dev.Values["master"] != master.Name || m.gone[dev.Name] || m.want.Find(dev.ID) != nil || m.owned.Before[dev.ID] != nil {
			continue
		}
		m.add(Step{Write: change(dev.Name, object.Values{"master": ""}), Before: object.Values{"master": master.Name}}, nil, []string{released(master.Name)})
	}
}

// release gives a device that left the file its former attributes and name.
func (m *maker) release(dev *object.Object) {
	o := &object.Object{ID: dev.ID, Values: object.Values{}}
	name := ""
	for key, was := range m.owned.Before[dev.ID] {
		switch {
		case key == "name":
			name = was
		case dev.Values[key] != was:
			o.Values[key] = was
		}
	}
	delete(m.after.Before, dev.ID)
	if _, unported := o.Values["master"]; unported {
		o.Values = split(o.Values).withoutPort()
	}
	if len(o.Values) > 0 {
		m.set(o, split(o.Values), dev.Values)
	}
	if name != "" && name != dev.Name && m.have.Link(name) == nil {
		m.rechristen(dev, o, name)
	}
}

// withoutPort leaves out the options of a port: they went with its master.
func (p parts) withoutPort() object.Values {
	if p.up != "" {
		p.base["up"] = p.up
	}
	return p.base
}

// rechristen gives a released device its former name, with it down meanwhile.
func (m *maker) rechristen(dev, o *object.Object, name string) {
	down := fmt.Sprintf("down for rename %s", dev.Name)
	needs := []string{isSet(dev.Name), isUp(dev.Name), noRoutes(dev.Name), noAddrs(dev.Name)}
	up := dev.Values["up"]
	if o.Values["up"] != "" {
		up = o.Values["up"]
	}
	if up == "true" {
		m.add(Step{Write: change(dev.Name, object.Values{"up": "false"}), Before: object.Values{"up": "true"}, Cost: object.Down}, needs, []string{down})
	}
	m.add(Step{Write: change(dev.Name, object.Values{"name": name}), Before: object.Values{"name": dev.Name}, Cost: object.Down},
		append(needs, down), []string{linkIs(name), freeName(dev.Name)})
	if up == "true" {
		m.add(Step{Write: change(name, object.Values{"up": "true"}), Before: object.Values{"up": "false"}}, []string{linkIs(name)}, nil)
	}
}
