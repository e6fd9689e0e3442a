package rtcfg

import (
	"fmt"
	"io"
	"strings"

	"bootlink/kmod"
	"bootlink/nlcore"
	"bootlink/rtcfg/object"
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
	nlcore.BusState
	Need Need
	Line string // the line of the file that names it
}

// ProbeBuses looks at all 32 buses. want may be nil. The numbers of hello and
// bye are never opened: that could make the kernel load another module that
// claims them.
func ProbeBuses(want *object.Desired, netns string) ([]BusReport, error) {
	hello, bye := 19, 21
	if want != nil && want.Hello != nil {
		hello, bye = want.Hello.HelloProto, want.Hello.ByeProto
	}
	loaded, isLoaded := kmod.Loaded()
	if isLoaded {
		hello, bye = loaded.HelloProto, loaded.ByeProto
	}
	states, err := nlcore.Probe(nlcore.ProbeOptions{NetNS: netns, NoOpen: map[int]bool{hello: true, bye: true}})
	if err != nil {
		return nil, err
	}
	reports := make([]BusReport, len(states))
	for i, s := range states {
		n := s.Bus.Number
		if (n == hello || n == bye) && s.Present && !isLoaded {
			s.Present, s.Reason = false, "another module has the number, hellobye is not loaded"
			s.Mend = fmt.Sprintf("unload that module (for 21: crypto_user), or load hellobye with other numbers, and set them in [hello]")
		}
		switch n {
		case hello:
			s.Bus.Name, s.Bus.Purpose = "hello", "the hellobye module: ICMP packets"
		case bye:
			s.Bus.Name, s.Bus.Purpose = "bye", "the hellobye module: ICMP packets"
		}
		reports[i] = BusReport{BusState: s}
		if want != nil {
			reports[i].Need, reports[i].Line = needOf(n, want)
		}
	}
	return reports, nil
}

func needOf(number int, want *object.Desired) (Need, string) {
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
		switch strings.ToLower(name) {
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
func WriteBuses(w io.Writer, reports []BusReport) {
	fmt.Fprintf(w, "%3s  %-14s %-8s %-9s %s\n", "BUS", "NAME", "STATE", "NEED", "REASON AND MEND")
	for _, r := range reports {
		state, why := "present", r.Bus.Purpose
		if !r.Present {
			state, why = "missing", r.Reason
			if r.Mend != "" {
				why += ": " + r.Mend
			}
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
