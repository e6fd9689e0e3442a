package plan

import (
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// links plans every desired link, and gives back what left the file.
func (m *maker) links() {
	m.detach()
	m.lower()
	for _, o := range m.want.Links() {
		o = m.withoutLateMaster(o)
		switch {
		case m.late[o.Name] != "":
			m.await(o, m.late[o.Name])
		case m.found[o.Name] != nil:
			m.adjust(o, m.found[o.Name])
		default:
			m.create(o)
		}
	}
	for _, dev := range m.have.Of(object.Link) {
		if m.want.Find(dev.ID) == nil && (m.owned.Before[dev.ID] != nil || m.downed[dev.Name]) {
			m.release(dev)
		}
	}
}

// parts sorts a link's values by when they can be written.
type parts struct {
	base object.Values // with the link's creation, or while it is down
	port object.Values // once it has its master
	up   string
}

func split(v object.Values) parts {
	p := parts{base: object.NewValues(), port: object.NewValues()}
	for _, pair := range v.Pairs() {
		switch {
		case pair.Key == "up":
			p.up = pair.Text
		case pair.Key == "kind":
		case object.IsPortKey(pair.Key):
			p.port.Set(pair.Key, pair.Text)
		default:
			p.base.Set(pair.Key, pair.Text)
		}
	}
	return p
}

// lower gives the links that must exist before this one has these values.
func lower(kind string, v object.Values) []string {
	var needs []string
	for _, key := range object.References(kind, v) {
		needs = order.Also(needs, linkIs(v.Get(key)))
	}
	return needs
}

// withoutLateMaster puts off joining a master that is not there yet.
func (m *maker) withoutLateMaster(o *object.Object) *object.Object {
	master := o.Values.Get("master")
	if m.late[master] == "" || m.late[o.Name] != "" {
		return o
	}
	m.await(o, "its master "+master)
	c := *o
	c.Values = o.Values.Clone()
	c.Values.Drop("master")
	c.Values.DropFunc(object.IsPortKey)
	return &c
}

// create plans a link that is not there. The other end of a veth pair comes with
// its first end, and is then adjusted.
func (m *maker) create(o *object.Object) {
	m.rememberNew(o)
	p := split(o.Values)
	provider := m.provider(o.Name)
	if provider != nil && (o.Values.Get("kind") == "" || !m.firstOfPair(o, provider)) {
		p.base.Drop("veth.peer")
		m.set(o, p, object.NewValues("up", "false", "master", "", "alias", ""))
		return
	}
	first, rest := object.NewValues(), parts{base: object.NewValues(), port: p.port, up: p.up}
	for _, p := range p.base.Pairs() {
		if afterCreation(o, p.Key) {
			rest.base.Set(p.Key, p.Text)
		} else {
			first.Set(p.Key, p.Text)
		}
	}
	needs, gives := order.Also(lower(o.Values.Get("kind"), first), freeName(o.Name), joinable(first.Get("master")), unladenMaster(first)), []string{linkIs(o.Name), sized(first.Get("master"))}
	if parent := object.Carrier(o.Values); parent != "" {
		needs = order.Also(needs, isSet(parent), sized(parent))
	}
	if peer := o.Values.Get("veth.peer"); peer != "" {
		needs, gives = order.Also(needs, freeName(peer)), order.Also(gives, linkIs(peer))
		m.after.Made[linkID(peer)] = 0
	}
	if rest.base.Len()+rest.port.Len() == 0 && !m.hasSysctls(o.Name) && p.up == "true" {
		first.Set("up", "true")
		rest.up = ""
		needs, gives = order.Also(needs, isUp(object.Carrier(o.Values))), order.Also(gives, isUp(o.Name), isSet(o.Name))
	}
	cost := object.Live
	if m.gone[o.Name] {
		cost = object.Recreate
	}
	m.add(Step{Write: object.Write{Op: object.Create, ID: o.ID, Values: first, Kind: o.Values.Get("kind")}, Cost: cost, Pos: o.Pos, lost: m.shrunk(o.Name, first)}, needs, gives)
	m.set(o, rest, object.NewValues("up", "false", "alias", ""))
}

// afterCreation tells attributes that the kernel does not take, or does not
// keep, when they come with the creation: a bridge follows its ports' MTU until
// one is set on it.
func afterCreation(o *object.Object, key string) bool {
	r := object.LinkRow(key)
	return key == "alias" || key == "mtu" && o.Values.Get("kind") == "bridge" || r != nil && (r.Late || r.Early)
}

// firstOfPair: where both ends of a veth have a kind, one of them makes the pair.
func (m *maker) firstOfPair(o, peer *object.Object) bool {
	return m.found[peer.Name] == nil && peer.Values.Get("kind") == "veth" && o.Name < peer.Name
}

// set plans the writes of values to an existing link: attributes, then what
// needs the master, then up. before holds what is known of the present values.
func (m *maker) set(o *object.Object, p parts, before object.Values) {
	link := o.Name
	join := p.base.Len() > 0 && p.up == "true" && p.port.Len() == 0 && !m.hasSysctls(link) && !m.isBond(p.base.Get("master")) && !early(p.base)
	if join {
		p.base.Set("up", p.up)
	}
	needs := order.Also(lower(o.Values.Get("kind"), p.base), linkIs(link), isDown(link), unported(link), detached(link))
	if p.base.Has("master") {
		needs = order.Also(needs, cleared(link), joinable(p.base.Get("master")), unladen(link), unladenMaster(p.base))
	}
	if p.base.Get("mtu") != "" { // what goes would shrink with it, and come back so
		needs = order.Also(needs, unladen(link), unladenMaster(before))
	}
	conduit := m.conduit(o)
	needs = order.Also(needs, isSet(conduit))
	ready := []string{isUp(object.Carrier(o.Values)), isUp(conduit), sysctlsOf(link)}
	if p.up == "false" {
		ready = order.Also(ready, noRoutes(link), flushed(link))
	}
	if p.base.Len() > 0 {
		gives := []string{isSet(link), released(before.Get("master")), sized(before.Get("master")), sized(p.base.Get("master"))}
		if m.bared[link] {
			gives = order.Also(gives, joinable(link))
		}
		if join {
			gives, needs = order.Also(gives, m.upWith(link)...), order.Also(needs, ready...)
		}
		m.write(o, p.base, before, needs, gives)
	}
	if p.port.Len() > 0 {
		were := before
		if p.base.Has("master") {
			were = newPort(p.port)
		}
		needs := order.Also(lower("", p.port), linkIs(link), isSet(link))
		for _, key := range object.References("", p.port) {
			needs = order.Also(needs, isSet(p.port.Get(key))) // a port itself by then
		}
		m.write(o, p.port, were, needs, []string{portIs(link)})
	}
	gives := m.upWith(link)
	if p.up == "false" {
		m.flush(link, isIPv6)
		gives = order.Also(gives, isSettled(link))
	}
	if p.up != "" && !join {
		m.write(o, object.NewValues("up", p.up), before, order.Also(ready, linkIs(link), isSet(link), portIs(link), isDown(link), unported(link)), gives)
	}
}

// early tells values that count only from when the link goes up.
func early(v object.Values) bool {
	for _, p := range v.Pairs() {
		if r := object.LinkRow(p.Key); r != nil && r.Early {
			return true
		}
	}
	return false
}

// newPort gives what a port has that has just got its master.
func newPort(options object.Values) object.Values {
	v := object.NewValues()
	for _, p := range options.Pairs() {
		if text, known := object.Default("", p.Key); known {
			v.Set(p.Key, text)
		}
	}
	return v
}

func (m *maker) write(o *object.Object, v, have object.Values, needs, gives []string) {
	before, cost := object.NewValues(), object.Live
	for _, p := range v.Pairs() {
		if text, known := have.Lookup(p.Key); known {
			before.Set(p.Key, text)
		}
		if r := object.LinkRow(p.Key); r != nil {
			cost = max(cost, r.CostOf(have.Get(p.Key), v.Get(p.Key)))
		}
	}
	switch {
	case have.Get("up") == "false": // or taken down, which says what it costs
		cost = object.Live
	case v.Get("up") == "false":
		cost = object.Down
	}
	if v.Has("master") { // a port's options go with its master
		before.Fill(split(have).port)
	}
	w := object.Write{Op: object.Change, ID: o.ID, Values: v, Kind: o.Values.Get("kind")}
	if have.Get("kind") != "" {
		w.Kind = have.Get("kind")
	}
	w.Along = object.Others(w.Kind, v, have)
	m.add(Step{Write: w, Before: before, Cost: cost, Pos: o.Pos, lost: m.lostBy(o.Name, v)}, needs, gives)
}

// lostBy lists what an undo has to bring back besides: the addresses that the
// kernel takes away when a link that goes up now is set down again, its IPv6
// ones, and what shrinks.
func (m *maker) lostBy(link string, v object.Values) (lost []*object.Object) {
	lost = m.shrunk(link, v)
	if v.Get("up") != "true" {
		return lost
	}
	for _, o := range m.have.Of(object.Address) {
		if o.Values.Get("dev") == link && isIPv6(o) {
			lost = append(lost, o)
		}
	}
	return lost
}

// unladenMaster gives that what goes from a port's master is gone: it might shrink.
func unladenMaster(v object.Values) string {
	if v.Get("master") == "" {
		return "" // which nobody gives
	}
	return unladen(v.Get("master"))
}

// shrunk lists links with the MTU that they may lose by a change: what stands on
// the link, or on the bridge of which it is a port, shrinks and does not grow.
func (m *maker) shrunk(link string, v object.Values) (lost []*object.Object) {
	master := v.Get("master")
	if v.Get("mtu") == "" {
		link = ""
	} else if dev := m.have.Link(link); dev != nil && master == "" {
		master = dev.Values.Get("master")
	}
	if !m.isBridge(master) {
		master = ""
	}
	if link+master == "" {
		return nil
	}
	for _, dev := range m.have.Of(object.Link) {
		carrier, mtu := object.Carrier(dev.Values), dev.Values.Get("mtu")
		if carrier != "" && mtu != "" && (carrier == link || carrier == master) {
			lost = append(lost, &object.Object{ID: dev.ID, Values: object.NewValues("mtu", mtu)})
		}
	}
	return lost
}

// regrowOnce leaves an MTU that was lost to the first of the steps that lose it: an
// undo comes to that last, and before it there may be no room for so much.
func regrowOnce(steps []Step) {
	grown := map[string]bool{}
	for i := range steps {
		lost := steps[i].lost[:0]
		for _, o := range steps[i].lost {
			if isLink := o.Class == object.Link; !isLink || !grown[o.Name] {
				lost, grown[o.Name] = append(lost, o), isLink
			}
		}
		steps[i].lost = lost
	}
}

// adjust plans the difference between a desired link and the one that is there.
func (m *maker) adjust(o, dev *object.Object) {
	diff := differing(o, dev)
	m.recall(o, dev, diff)
	m.comeBack(o.ID, o.Values, diff)
	if diff.Has("master") {
		diff.Fill(split(o.Values).port) // a new port has none of its options
	}
	m.rememberChanged(o, dev, diff)
	if diff.Len() > 0 {
		before := m.lowered(o, dev, diff)
		m.set(o, split(diff), before)
	}
}

// lowered sets a link down for a change that it could not have while it is up,
// and adds to the change that it goes up again. It gives the link as it is then.
func (m *maker) lowered(o, dev *object.Object, diff object.Values) object.Values {
	cost := m.worst(dev, diff)
	if dev.Values.Get("up") != "true" || cost < object.Down {
		return dev.Values
	}
	m.flush(o.Name, isIPv6)
	m.takeDown(o.Name, cost, o.Pos, flushed(o.Name))
	if diff.Get("up") == "false" {
		diff.Drop("up")
	} else {
		diff.Set("up", "true")
	}
	before := dev.Values.Clone()
	before.Set("up", "false")
	return before
}

// worst is what the change of a link costs at most. To or from some masters a
// port goes down.
func (m *maker) worst(dev *object.Object, diff object.Values) object.Cost {
	cost := object.Live
	for _, p := range diff.Pairs() {
		if r := object.LinkRow(p.Key); r != nil {
			cost = max(cost, r.Cost)
		}
	}
	if master, moves := diff.Lookup("master"); moves && (m.downs(master) || m.downs(dev.Values.Get("master"))) {
		cost = max(cost, object.Down)
	}
	return cost
}

// downs tells a master whose ports go down when they join it or leave it: a bond
// takes none that is up and closes those that it lets go, a vrf sets them down
// and up again.
func (m *maker) downs(master string) bool {
	for _, o := range []*object.Object{m.have.Link(master), m.want.Find(linkID(master))} {
		if o != nil && (o.Values.Get("kind") == "bond" || o.Values.Get("kind") == "vrf") {
			return true
		}
	}
	return false
}

func (m *maker) isBond(link string) bool {
	o := m.want.Find(linkID(link))
	return o != nil && o.Values.Get("kind") == "bond"
}

// recall brings back attributes that left the file.
func (m *maker) recall(o, dev *object.Object, diff object.Values) {
	diff.Fill(m.former(o, dev))
	for _, p := range m.owned.Before[o.ID].Pairs() {
		if !o.Values.Has(p.Key) && p.Key != "name" {
			m.restored(o.ID, p.Key)
		}
	}
	if master, moves := diff.Lookup("master"); moves && master == "" { // the options went with it
		diff.DropFunc(object.IsPortKey)
	}
}

// former gives what attributes that left the file were before we changed them.
func (m *maker) former(o, dev *object.Object) object.Values {
	v := object.NewValues()
	for _, p := range m.owned.Before[o.ID].Pairs() {
		key, was := p.Key, p.Text
		if o.Values.Has(key) || key == "name" {
			continue
		}
		if key == "master" {
			was = m.present(was)
		}
		if now, known := dev.Values.Lookup(key); known && now != was && !(key == "address" && noMAC(was)) {
			v.Set(key, was)
		}
	}
	return v
}

// noMAC tells an address that nothing can go back to: a random one, or that of a
// bridge without ports.
func noMAC(text string) bool { return text == "" || text == "00:00:00:00:00:00" }

// costs is what it costs to give a link what it lacks.
func (m *maker) costs(dev *object.Object) object.Cost {
	o := m.want.Find(dev.ID)
	if o == nil || m.claimed[dev] != o {
		o = &object.Object{ID: dev.ID}
	}
	diff := differing(o, dev)
	diff.Fill(m.former(o, dev))
	return m.worst(dev, diff)
}

// present gives the name of a former master if it still is there.
func (m *maker) present(link string) string {
	if m.have.Link(link) == nil {
		return ""
	}
	return link
}

// release gives a device that left the file its former attributes.
func (m *maker) release(dev *object.Object) {
	o := &object.Object{ID: dev.ID, Values: object.NewValues()}
	diff := object.NewValues()
	m.recall(o, dev, diff)
	m.comeBack(o.ID, nil, diff)
	if up, remembered := m.owned.Before[dev.ID].Lookup("up"); m.downed[dev.Name] && (!remembered || up == "true") {
		diff.Set("up", "true")
	}
	if diff.Len() > 0 {
		before := m.lowered(o, dev, diff)
		m.set(o, split(diff), before)
	}
}

// differing gives the attributes that the link has otherwise than desired.
func differing(o, dev *object.Object) object.Values {
	diff := object.NewValues()
	for _, p := range o.Values.Pairs() {
		r := object.LinkRow(p.Key)
		have, known := dev.Values.Lookup(p.Key)
		if r != nil && !r.Equal(p.Text, have) && (known || r.Cost != object.Recreate) {
			diff.Set(p.Key, p.Text)
		}
	}
	return diff
}
