package rtcfg

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"bootlink/kmod"
	"bootlink/nlcore"
	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/caps"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// Need says who needs a bus.
type Need string

// The needs.
const (
	Required Need = "required"
	Wanted   Need = "wanted"
	NotAsked Need = ""
)

// BusReport is a netlink bus of this kernel, and what the file says about it.
type BusReport struct {
	_ [0]func() // no equality: it would be code

	nlcore.BusState
	Need Need
	Line string // the line of the file that names it
}

// Probe looks what the running kernel has. want may be nil; quiet: nothing may load a
// module.
func Probe(ctx until.Context, want *object.Desired, o Options, quiet bool) (*caps.Report, []BusReport, error) {
	p := caps.Options{NetNS: o.NetNS, Quiet: quiet, Trace: o.Trace}
	named := want
	if quiet {
		named = nil
	}
	buses, err := ProbeBuses(named, o.NetNS)
	if err != nil {
		return nil, nil, err
	}
	if want != nil {
		p.Needs = caps.Needs(want)
	}
	r, err := caps.Probe(ctx, p)
	for i := range buses {
		b := &buses[i]
		b.Need, b.Line = needOf(b.Bus.Number, want)
		word := ""
		if b.Errno != 0 {
			word = b.Errno.Error()
		}
		r.Buses = append(r.Buses, caps.Bus{Number: b.Bus.Number, Name: b.Bus.Name, Purpose: b.Bus.Purpose, History: b.Bus.History, Present: b.Present, Errno: word, Reason: b.Reason, Mend: b.Mend,
			Kconfig: b.Bus.Kconfig, Module: b.Bus.Module, Need: string(b.Need), Line: b.Line})
	}
	return r, buses, err
}

// CheckCaps compares a configuration with the report of a kernel, which `bootlink probe
// --save` has written. The error is a [kernel.LackError] where the kernel lacks something.
func CheckCaps(want *object.Desired, file string) error {
	text, err := sysfile.Read(file)
	if err != nil {
		return err
	}
	r, err := caps.Read(file, text)
	if err != nil {
		return err
	}
	lacks := kernel.UnmetNeeds(r, want)
	module := numbers(want)
	for _, ref := range want.Probe.Require {
		n := busNumber(ref.Name, want)
		for i := range r.Buses {
			b := &r.Buses[i]
			if b.Number == n && !b.Present && n != module.HelloProto && n != module.ByeProto {
				if lacks == nil {
					lacks = &kernel.LackError{}
				}
				lacks.Lacks = append(lacks.Lacks, kernel.Lack{Pos: ref.Pos, What: "netlink bus " + ref.Name + " is required and missing", Why: b.Reason, Mend: b.Mend})
			}
		}
	}
	if lacks == nil {
		return nil
	}
	return lacks
}

// ProbeBuses looks at all 32 buses. want may be nil. A bus that is not there
// is opened, which may load its module, only if want names it and its number is
// not one of hello's and bye's: another module may claim those.
func ProbeBuses(want *object.Desired, netns string) ([]BusReport, error) {
	module, loaded := kmod.Loaded()
	if !loaded {
		module = numbers(want)
	}
	installed, indexed := kmod.BusModules("/")
	closed := map[int]bool{module.HelloProto: true, module.ByeProto: true}
	for n := range 32 {
		need, _ := needOf(n, want)
		closed[n] = closed[n] || indexed && (need == NotAsked || installed[n] == "")
	}
	closed[unix.NETLINK_USERSOCK] = false // has no owner in the kernel: only opening it tells
	states, err := nlcore.Probe(nlcore.ProbeOptions{NetNS: netns, NoOpen: closed})
	if err != nil {
		return nil, err
	}
	reports := make([]BusReport, len(states))
	for i, s := range states {
		n := s.Bus.Number
		switch n {
		case module.HelloProto:
			s = ownBus(s, kmod.Hello, netns, loaded)
		case module.ByeProto:
			s = ownBus(s, kmod.Bye, netns, loaded)
		default:
			s = installedBus(s, installed[n])
		}
		reports[i] = BusReport{BusState: s}
		reports[i].Need, reports[i].Line = needOf(n, want)
	}
	return reports, nil
}

// numbers are what the file says of the module, or its defaults.
func numbers(want *object.Desired) kmod.Params {
	if want == nil || want.Hello == nil {
		return kmod.Params{HelloProto: 19, ByeProto: 21}
	}
	return kmod.Params{HelloProto: want.Hello.HelloProto, ByeProto: want.Hello.ByeProto}
}

// ownBus is a bus that the hellobye module has, or should have: its greeting tells it from
// another owner of the number.
func ownBus(s nlcore.BusState, side kmod.Side, netns string, loaded bool) nlcore.BusState {
	s.Bus.Name, s.Bus.Purpose = side.String(), "the hellobye module: ICMP packets"
	switch {
	case !s.Present:
	case !loaded:
		s.Present, s.Reason = false, "another module has the number, hellobye is not loaded"
		s.Mend = "unload that module (for 21: crypto_user), or give hellobye other numbers in [hello]"
	default:
		c, err := kmod.Register(until.Never(), side, netns, "bootlink probe", nil)
		switch {
		case err == nil:
			c.Close()
		case !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.ENOSPC): // not allowed; too many clients
			s.Present, s.Reason, s.Mend = false, err.Error(), "unload what has the number"
		}
	}
	return s
}

// installedBus says of a missing bus that its module only has to be loaded.
func installedBus(s nlcore.BusState, module string) nlcore.BusState {
	if !s.Present && module != "" {
		s.Reason, s.Mend = "module "+module+" is installed and not loaded", "modprobe "+module+", or name the bus in [probe]"
	}
	return s
}

// needOf says whether the file names a bus, and where. want may be nil.
func needOf(number int, want *object.Desired) (Need, string) {
	if want == nil {
		return NotAsked, ""
	}
	for _, list := range []struct {
		need Need
		refs []object.BusRef
	}{{Required, want.Probe.Require}, {Wanted, want.Probe.Want}} {
		for _, ref := range list.refs {
			if number == busNumber(ref.Name, want) {
				return list.need, ref.Pos.String()
			}
		}
	}
	return NotAsked, ""
}

// busNumber resolves a name; hello and bye go by the numbers in [hello].
func busNumber(name string, want *object.Desired) int {
	if h := want.Hello; h != nil {
		switch name {
		case "hello":
			return h.HelloProto
		case "bye":
			return h.ByeProto
		}
	}
	b, _ := nlcore.LookupBus(name)
	return b.Number
}

// WriteBuses prints the table, a line for each bus.
func WriteBuses(w io.Writer, reports []BusReport, history bool) {
	fmt.Fprintf(w, "%3s  %-14s %-8s %-9s %s\n", "BUS", "NAME", "STATE", "NEED", "REASON AND MEND")
	for _, r := range reports {
		state, why := "present", r.Bus.Purpose
		if !r.Present {
			state, why = "missing", r.Reason
			if r.Mend != "" {
				why += ": " + r.Mend
			}
		}
		if history && r.Bus.History != "" {
			why += " (" + r.Bus.History + ")"
		}
		fmt.Fprintf(w, "%3d  %-14s %-8s %-9s %s\n", r.Bus.Number, r.Bus.Name, state, r.Need, why)
	}
}

// MissingBusError: buses that the file requires are not there.
type MissingBusError struct{ Buses []BusReport }

// Error gives a line for each missing bus.
func (e *MissingBusError) Error() string {
	lines := make([]string, len(e.Buses))
	for i, b := range e.Buses {
		lines[i] = fmt.Sprintf("%s: netlink bus %d (%s) is required and missing: %s: %s", b.Line, b.Bus.Number, b.Bus.Name, b.Reason, b.Mend)
	}
	return strings.Join(lines, "\n")
}

// missing gives the buses of that need that are not there.
func missing(reports []BusReport, need Need) []BusReport {
	var list []BusReport
	for _, r := range reports {
		if r.Need == need && !r.Present {
			list = append(list, r)
		}
	}
	return list
}
