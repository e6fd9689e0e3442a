package plan

import (
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// sysctls plans the settings of the file. A link's own come once the link is
// there and before it is up; the global ones come first of all, because
// some (forwarding) reset those of every link.
func (m *maker) sysctls() {
	for _, o := range m.want.Of(object.Sysctl) {
		link := o.ID.SysctlLink()
		if m.absent(link) {
			m.await(o, "link "+link)
			continue
		}
		if m.lacks(o) {
			continue
		}
		have := m.have.Objects[o.ID]
		if have != nil && object.SameSysctl(o.Values.Get("value"), have.Values.Get("value")) {
			continue
		}
		step := Step{Write: object.Write{Op: object.Change, ID: o.ID, Values: o.Values}, Pos: o.Pos}
		if have != nil {
			step.Before = have.Values
			m.remember(o.ID, "value", have.Values.Get("value"))
		}
		m.addSysctl(step)
	}
	for _, id := range object.SortedIDs(m.owned.Before) {
		if id.Class == object.Sysctl && m.want.Find(id) == nil {
			m.restoreSysctl(id)
		}
	}
}

func (m *maker) addSysctl(step Step) {
	link := step.ID.SysctlLink()
	needs := []string{linkIs(link)}
	if link != "" {
		needs = order.Also(needs, sysctlsOf(""))
	}
	m.add(step, needs, []string{sysctlsOf(link)})
}

// restoreSysctl gives a setting that left the file its former value.
func (m *maker) restoreSysctl(id object.ID) {
	was, have := m.owned.Before[id], m.have.Objects[id]
	delete(m.after.Before, id)
	if have != nil && !object.SameSysctl(was.Get("value"), have.Values.Get("value")) {
		m.addSysctl(Step{Write: object.Write{Op: object.Change, ID: id, Values: was}, Before: have.Values})
	}
}

// hasSysctls tells whether the plan writes settings of that link.
func (m *maker) hasSysctls(link string) bool {
	for _, s := range m.steps {
		if s.ID.Class == object.Sysctl && s.ID.SysctlLink() == link {
			return true
		}
	}
	return false
}
