package rtcfg

import (
	"time"

	"bootlink/kmod"
	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/undolog"
)

// Status is how the kernel stands to the file.
type Status struct {
	Config  string        `json:"config"`
	Equal   bool          `json:"equal"` // nothing to do and nothing awaited
	Links   []LinkStatus  `json:"links"`
	Routes  []RouteStatus `json:"routes"`
	Sysctls int           `json:"sysctls"`
	Differs []string      `json:"differs"` // the steps that apply would take
	Awaited []string      `json:"awaited"`
	Lacking int           `json:"lacking"` // how much of it needs another kernel
	Module  *ModuleStatus `json:"module,omitempty"`
	Dumps   uint64        `json:"interrupted_dumps"`
	Run     *RunStatus    `json:"run,omitempty"`     // of a running `bootlink run`
	Pending string        `json:"pending,omitempty"` // the last change waits so long for a confirm
	Killed  string        `json:"killed,omitempty"`  // the configuration of an apply that was killed and is still to be undone
	Refused string        `json:"refused,omitempty"` // why the file is not taken without a confirm
}

// Good tells whether all is as the file says.
func (s *Status) Good() bool { return s.Equal && s.Killed == "" && (s.Run == nil || !s.Run.Fallback) }

// LinkStatus is a link of the file, or below one, as the kernel has it.
type LinkStatus struct {
	_ [0]func() // no equality: it would be code

	Name      string   `json:"name"`
	Kind      string   `json:"kind,omitempty"`
	Present   bool     `json:"present"`
	Up        bool     `json:"up"`
	Carrier   bool     `json:"carrier"`
	MTU       string   `json:"mtu,omitempty"`
	MAC       string   `json:"address,omitempty"`
	Master    string   `json:"master,omitempty"`
	Lower     string   `json:"link,omitempty"` // the link that carries it
	Addresses []string `json:"addresses"`
	Waits     string   `json:"waits,omitempty"` // what it waits for
	Differs   bool     `json:"differs"`
}

// RouteStatus is a route of the file.
type RouteStatus struct {
	Route   string `json:"route"`
	Present bool   `json:"present"`
}

// ModuleStatus is the hello/bye module.
type ModuleStatus struct {
	Name       string `json:"name"`
	Loaded     bool   `json:"loaded"`
	HelloProto int    `json:"hello_proto"`
	ByeProto   int    `json:"bye_proto"`

	Sides []kmod.Counts `json:"sides,omitempty"`
}

// Status compares and reports. It changes nothing.
func (m *Manager) Status(ctx until.Context) (*Status, error) {
	m.partly = true
	p, have, _, err := m.plan(ctx)
	if err != nil {
		return nil, err
	}
	s := &Status{Config: m.want.File, Equal: p.Empty() && len(p.Awaited) == 0, Lacking: len(m.lacking), Sysctls: len(m.want.Of(object.Sysctl)),
		Differs: []string{}, Awaited: []string{}, Dumps: m.sys.Stats().Interrupted}
	for i := range p.Steps {
		s.Differs = order.Also(s.Differs, p.Steps[i].String())
	}
	for _, f := range p.Files {
		s.Differs = order.Also(s.Differs, f.What)
	}
	for _, a := range p.Awaited {
		s.Awaited = order.Also(s.Awaited, a.String())
	}
	for _, o := range m.want.Links() {
		s.Links = append(s.Links, linkStatus(o, p, have))
	}
	for _, o := range m.want.Of(object.Route) {
		s.Routes = append(s.Routes, RouteStatus{o.ID.Pretty(o.Values), have.Objects[o.ID] != nil})
	}
	if h := m.want.Hello; h != nil {
		s.Module = moduleStatus(h, m.NetNS)
	}
	if left, err := pendingTime(m.Options); err == nil && left != nil {
		s.Pending = max(*left, 0).Round(time.Second).String()
	}
	if e, err := readLog(m.Options, undolog.Open); err == nil && e != nil && !busy(m.dir) {
		s.Killed = e.File
	}
	if err := m.taken(); err != nil {
		s.Refused = err.Error()
	}
	s.Run, err = AskRun(m.Options)
	return s, err
}

func moduleStatus(h *object.Hello, netns string) *ModuleStatus {
	s := &ModuleStatus{Name: h.Module}
	if p, ok := kmod.Loaded(); ok {
		s.Loaded, s.HelloProto, s.ByeProto = true, p.HelloProto, p.ByeProto
		_ = nlcore.InNamespace(netns, func() error {
			s.Sides = kmod.Statistics("/")
			return nil
		})
	}
	return s
}

func linkStatus(o *object.Object, p *plan.Plan, have *object.Snapshot) LinkStatus {
	name := p.Found[o.Name]
	if name == "" {
		name = o.Name
	}
	v, dev := o.Values, have.Link(name)
	if dev != nil {
		v = dev.Values
	}
	s := LinkStatus{Name: o.Name, Kind: v.Get("kind"), Addresses: []string{}, Master: v.Get("master"), Lower: object.Carrier(v), Present: dev != nil}
	for _, a := range p.Awaited {
		if a.ID == o.ID {
			s.Waits = a.For
		}
	}
	for i := range p.Steps {
		s.Differs = s.Differs || p.Steps[i].Link() == o.Name
	}
	if dev == nil {
		return s
	}
	s.Up, s.Carrier = v.Get("up") == "true", v.Get("carrier") == "true"
	s.MTU, s.MAC = v.Get("mtu"), v.Get("address")
	for _, a := range have.Of(object.Address) {
		if a.Values.Get("dev") == name {
			s.Addresses = order.Also(s.Addresses, addressWord(a))
		}
	}
	return s
}

func addressWord(a *object.Object) string {
	word := a.Values.Get("local")
	if peer := a.Values.Get("peer"); peer != "" {
		word += " peer " + peer
	}
	switch {
	case a.Values.Get("dadfailed") == "true":
		word += " (duplicate)"
	case a.Values.Get("tentative") == "true":
		word += " (tentative)"
	}
	return word
}
