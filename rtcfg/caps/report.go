package caps

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bootlink/kmod"
	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// The states of a feature.
const (
	Present      = "present"
	Loaded       = "loaded"                // its module is
	BuiltIn      = "built in"              // it is no module here
	NotLoaded    = "installed, not loaded" // the kernel loads it when it is used
	NotInstalled = "not installed"         // it was built as a module
	NotBuilt     = "not built"
	Missing      = "missing" // the kernel says that it has none, and not why
	Unknown      = "unknown"
)

// A State is a feature and what there is of it.
type State struct {
	Feature
	State string `json:"state"`
}

// A Bus is a netlink protocol as a report has it.
type Bus struct {
	_ [0]func() // no equality: it would be code

	Number  int    `json:"number"`
	Name    string `json:"name"`
	Purpose string `json:"purpose,omitempty"`
	History string `json:"history,omitempty"` // since and until when Linux has it
	Present bool   `json:"present"`
	Errno   string `json:"errno,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Mend    string `json:"mend,omitempty"`
	Kconfig string `json:"kconfig,omitempty"`
	Module  string `json:"module,omitempty"`
	Need    string `json:"need,omitempty"`
	Line    string `json:"line,omitempty"`
}

// A Report is what a kernel has. It is printed, saved and read as JSON.
type Report struct {
	Release  string            `json:"release"` // as `uname -r` tells it
	Machine  string            `json:"machine"`
	Buses    []Bus             `json:"buses"`
	Features []State           `json:"features"`
	Config   map[string]string `json:"config,omitempty"` // y, m or n of the symbols of options, where the kernel's configuration can be read
}

// Options of a probe.
type Options struct {
	NetNS string // where what needs no scratch namespace is asked if there can be none
	Needs []Need // what may be loaded, as its use would
	Quiet bool   // nothing is loaded
	Trace nlcore.Tracing
}

// Probe looks what the running kernel has. Things are tried in a scratch network
// namespace; where there can be none, by requests that change nothing. The error is that
// the kernel does not talk.
func Probe(ctx until.Context, o Options) (*Report, error) {
	r := &Report{}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		r.Release, r.Machine = unix.ByteSliceToString(u.Release[:]), unix.ByteSliceToString(u.Machine[:])
	}
	p := &prober{Options: o, modules: kmod.Modules("/", kmod.Release()), config: readConfig("/")}
	err := nlcore.InScratch(func() error { return p.all(ctx, r, "", true) })
	if err != nil && len(r.Features) == 0 {
		err = p.all(ctx, r, o.NetNS, false)
	}
	if p.config != "" {
		r.Config = p.config.options()
	}
	return r, err
}

// A prober looks for one feature after the other.
type prober struct {
	Options
	modules  map[string]kmod.Whereabouts
	config   config
	families map[string]bool
}

func (p *prober) all(ctx until.Context, r *Report, netns string, scratch bool) error {
	c, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{NetNS: netns, Trace: p.Trace.On(unix.NETLINK_ROUTE)})
	if err != nil {
		return err
	}
	defer c.Close()
	p.listFamilies(ctx, netns)
	a := &asking{ctx, c}
	for _, f := range all() {
		says := Untold
		if f.group == &familyGroup {
			says = answer(p.families[f.Name[len(familyGroup.prefix):]])
		} else if p.mayAsk(f) {
			if says, err = a.feature(f, scratch); err != nil && !errors.Is(err, unix.EPERM) {
				return err
			}
		}
		r.Features = append(r.Features, State{*f, p.judge(f, says, r.Release)})
	}
	return nil
}

// listFamilies lists the families of generic netlink, which loads none.
func (p *prober) listFamilies(ctx until.Context, netns string) {
	p.families = map[string]bool{}
	c, err := nlcore.Dial(unix.NETLINK_GENERIC, nlcore.Options{NetNS: netns, Trace: p.Trace.On(unix.NETLINK_GENERIC)})
	if err != nil {
		return
	}
	defer c.Close()
	list, _ := nlcore.NewFamilies(c).List(ctx)
	for _, f := range list {
		p.families[f.Name] = true
	}
}

// mayAsk tells whether asking loads nothing that nobody asked for.
func (p *prober) mayAsk(f *Feature) bool {
	if p.modules[f.Module] != kmod.Installed {
		return true
	}
	for i := range p.Needs {
		if p.Needs[i].Name == f.Name {
			return !p.Quiet
		}
	}
	return false
}

// judge puts together what the kernel says, its modules and its configuration.
func (p *prober) judge(f *Feature, a Answer, release string) string {
	where, built := p.modules[f.Module], p.config.value(f.Kconfig)
	if a == Untold && f.Kconfig == "" { // a matter of age alone
		a = answer(!olderThan(release, f.Since))
	}
	switch {
	case a == Yes && where == kmod.InUse:
		return Loaded
	case a != No && (where == kmod.BuiltIn || built == 'y'):
		return BuiltIn
	case a == Yes && where == kmod.Installed: // asking has loaded it
		return Loaded
	case a == Yes:
		return Present
	case where == kmod.Installed:
		return NotLoaded
	case built == 'm':
		return NotInstalled
	case built == 'n':
		return NotBuilt
	case a == No:
		return Missing
	}
	return Unknown
}

// Lacks says why a need is not met; "": it is met, or nobody knows.
func (r *Report) Lacks(n *Need) string {
	if olderThan(r.Release, n.Since) {
		return "this kernel is Linux " + r.Release
	}
	state := ""
	if r.Config[n.Kconfig] == "n" {
		state = NotBuilt
	}
	for i := range r.Features {
		s := &r.Features[i]
		lacks := s.State == NotInstalled || s.State == NotBuilt || s.State == Missing // only another kernel, or more modules, bring it
		if lacks && (s.Name == n.Name || n.Kconfig != "" && s.Kconfig == n.Kconfig) {
			state = s.State
			break
		}
	}
	if state == "" {
		return ""
	}
	return "this kernel has none (" + state + ")"
}

// Mend says what brings the feature.
func (f *Feature) Mend() string {
	switch {
	case f.Kconfig+f.Since == "":
		return ""
	case f.Kconfig == "":
		return "use Linux " + f.Since + " or later"
	case f.Module == "":
		return "enable " + f.Kconfig
	}
	return fmt.Sprintf("enable %s, or install and load module %s", f.Kconfig, f.Module)
}

// olderThan compares the numbers at the beginning of two releases.
func olderThan(release, since string) bool {
	have, want := number(release), number(since)
	return have != 0 && have < want
}

// number makes one of "6.1.0-37": 6001; 0: it is none.
func number(release string) int {
	major, rest, _ := strings.Cut(release, ".")
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	m, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(rest[:end])
	return 1000*m + n
}

// Read takes a report that was saved.
func Read(file string, text []byte) (*Report, error) {
	root, err := conf.ParseJSON(file, text)
	if err != nil {
		return nil, err
	}
	r := &Report{Release: root.Word("release"), Machine: root.Word("machine"), Config: map[string]string{}}
	for _, n := range root.List("features") {
		f := Feature{Name: n.Word("name"), Kconfig: n.Word("kconfig"), Module: n.Word("module"), Since: n.Word("since")}
		r.Features = append(r.Features, State{f, n.Word("state")})
	}
	if len(r.Features) == 0 || r.Release == "" {
		return nil, conf.Fault{Pos: conf.Pos{File: file}, What: "this is no report of a kernel", Hint: "make one there with: bootlink probe --save caps.json"}
	}
	for _, n := range root.List("buses") {
		number, _ := strconv.Atoi(n.Word("number"))
		r.Buses = append(r.Buses, Bus{Number: number, Present: n.Word("present") == "true", Reason: n.Word("reason"), Mend: n.Word("mend")})
	}
	if config := root.Get("config"); config != nil {
		for _, e := range config.Entries {
			r.Config[e.Key] = e.Value.Text
		}
	}
	return r, nil
}
