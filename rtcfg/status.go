package rtcfg

import (
	"fmt"
	"io"
	"strings"
	"time"

	"bootlink/kmod"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"
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
		s.Differs = append(s.Differs, p.Steps[i].String())
	}
	for _, f := range p.Files {
		s.Differs = append(s.Differs, f.What)
	}
	for _, a := range p.Awaited {
		s.Awaited = append(s.Awaited, a.String())
	}
	for _, o := range m.want.Links() {
		s.Links = append(s.Links, linkStatus(o, p, have))
	}
	for _, o := range m.want.Of(object.Route) {
		s.Routes = append(s.Routes, RouteStatus{o.ID.Pretty(o.Values), have.Objects[o.ID] != nil})
	}
	if h := m.want.Hello; h != nil {
		s.Module = moduleStatus(h)
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

func moduleStatus(h *object.Hello) *ModuleStatus {
	s := &ModuleStatus{Name: h.Module}
	if p, ok := kmod.Loaded(); ok {
		s.Loaded, s.HelloProto, s.ByeProto = true, p.HelloProto, p.ByeProto
	}
	return s
}

func linkStatus(o *object.Object, p *plan.Plan, have *object.Snapshot) LinkStatus {
	s := LinkStatus{Name: o.Name, Kind: o.Values["kind"], Addresses: []string{}, Master: o.Values["master"], Lower: object.Carrier(o.Values)}
	for _, a := range p.Awaited {
		if a.ID == o.ID {
			s.Waits = a.For
		}
	}
	for i := range p.Steps {
		s.Differs = s.Differs || p.Steps[i].Link() == o.Name
	}
	name := p.Found[o.Name]
	if name == "" {
		name = o.Name
	}
	dev := have.Link(name)
	if dev == nil {
		return s
	}
	v := dev.Values
	s.Present, s.Up, s.Carrier = true, v["up"] == "true", v["carrier"] == "true"
	s.Kind, s.MTU, s.MAC, s.Master, s.Lower = v["kind"], v["mtu"], v["address"], v["master"], object.Carrier(v)
	for _, a := range have.Of(object.Address) {
		if a.Values["dev"] == name {
			s.Addresses = append(s.Addresses, addressWord(a))
		}
	}
	return s
}

func addressWord(a *object.Object) string {
	word := a.Values["local"]
	if peer := a.Values["peer"]; peer != "" {
		word += " peer " + peer
	}
	switch {
	case a.Values["dadfailed"] == "true":
		word += " (duplicate)"
	case a.Values["tentative"] == "true":
		word += " (tentative)"
	}
	return word
}

// Text prints the status: links as a tree, each below its master or carrier.
func (s *Status) Text(w io.Writer) {
	fmt.Fprintf(w, "config   %s: %s\n", s.Config, s.verdict())
	if m := s.Module; m != nil {
		fmt.Fprintf(w, "module   %s\n", m.text())
	}
	if s.Pending != "" {
		fmt.Fprintf(w, "pending  the last change is undone in %s, unless bootlink confirm comes\n", s.Pending)
	}
	if s.Killed != "" {
		fmt.Fprintf(w, "killed   while %s was applied: the next bootlink apply, run or rollback undoes what there is of it\n", s.Killed)
	}
	if s.Refused != "" {
		fmt.Fprintf(w, "refused  %s\n", s.Refused)
	}
	if r := s.Run; r != nil {
		fmt.Fprintf(w, "run      since %v: %s; put right %d times; %d events, %d overruns\n", time.Duration(r.Seconds)*time.Second, r.InForce, r.Healed, r.Events, r.Overruns)
		if r.Trouble != "" {
			fmt.Fprintf(w, "trouble  %s\n", r.Trouble)
		}
	}
	fmt.Fprintln(w, "links")
	s.tree(w, "", "")
	if len(s.Routes) > 0 {
		fmt.Fprintln(w, "routes")
	}
	for _, r := range s.Routes {
		mark := "ok     "
		if !r.Present {
			mark = "MISSING"
		}
		fmt.Fprintf(w, "  %s  %s\n", mark, strings.TrimPrefix(r.Route, "route "))
	}
	section(w, "differs", s.Differs)
	section(w, "waits", s.Awaited)
}

func section(w io.Writer, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintln(w, title)
	}
	for _, l := range lines {
		fmt.Fprintf(w, "  %s\n", l)
	}
}

func (s *Status) verdict() string {
	switch {
	case len(s.Differs) > 0:
		return fmt.Sprintf("%d steps away from the file", len(s.Differs))
	case s.Lacking > 0:
		return fmt.Sprintf("in force but incomplete, %d things wait, %d for another kernel", len(s.Awaited), s.Lacking)
	case len(s.Awaited) > 0:
		return fmt.Sprintf("in force, %d things wait for devices", len(s.Awaited))
	}
	return "in force"
}

func (m *ModuleStatus) text() string {
	if !m.Loaded {
		return m.Name + ": not loaded"
	}
	return fmt.Sprintf("%s: hello is netlink %d, bye is netlink %d", m.Name, m.HelloProto, m.ByeProto)
}

// tree prints the links whose place is below parent.
func (s *Status) tree(w io.Writer, parent, indent string) {
	for _, l := range s.Links {
		if above := s.above(l); above == parent {
			fmt.Fprintf(w, "  %s%s\n", indent, l.line(14-len(indent)))
			s.tree(w, l.Name, indent+"  ")
		}
	}
}

// above is a link's place in the tree: below its master, or its carrier, if
// that stands in the file.
func (s *Status) above(l LinkStatus) string {
	for _, name := range []string{l.Master, l.Lower} {
		for i := range s.Links {
			if s.Links[i].Name == name {
				return name
			}
		}
	}
	return ""
}

func (l LinkStatus) line(width int) string {
	state := "up"
	switch {
	case l.Waits != "" && !l.Present:
		return fmt.Sprintf("%-*s  waits for %s", width, l.Name, l.Waits)
	case !l.Present:
		state = "absent"
	case !l.Up:
		state = "down"
	case !l.Carrier:
		state = "no carrier"
	}
	kind := l.Kind
	if kind == "" {
		kind = "device"
	}
	mark := ""
	if l.Differs {
		mark = "  [differs]"
	}
	return strings.TrimRight(fmt.Sprintf("%-*s  %-7s %-10s mtu %-5s %s%s", width, l.Name, kind, state, l.MTU, strings.Join(l.Addresses, " "), mark), " ")
}
