package kernel

import (
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// Without adds what the file needs and the kernel has not, as far as observing it has
// shown, to what [System.Lacks] has found by asking; nil: nothing. The error is a
// [*LackError].
func (s *System) Without(want *object.Desired, p *plan.Plan, found *LackError) error {
	if found == nil {
		found = &LackError{}
	}
	for i := range p.Steps {
		if step := &p.Steps[i]; step.Op != object.Delete {
			found.add(step.Pos, step.ID, s.missing(step.ID, step.Values))
		}
	}
	for i := range want.RouteFiles {
		if f := &want.RouteFiles[i]; f.Table < unix.RT_TABLE_MAIN || f.Table > unix.RT_TABLE_LOCAL {
			found.add(f.Pos, f.ID(), s.missing(object.ID{Class: object.Rule}, nil))
		}
	}
	if len(found.Lacks) == 0 {
		return nil
	}
	return found
}

func (e *LackError) add(at conf.Pos, id object.ID, mend string) {
	why := "this kernel has nothing of the kind"
	if id.Class == object.Sysctl {
		why = "no such setting below /proc/sys"
	}
	if mend != "" {
		e.Lacks = append(e.Lacks, Lack{Pos: at, ID: id, What: id.String(), Why: why, Mend: mend})
	}
}

// missing says what would bring an object's part of the kernel, "" if that is there.
func (s *System) missing(id object.ID, v object.Values) string {
	class, family := id.Class, v["family"]
	switch class {
	case object.Sysctl:
		if !hasSysctl(id) {
			return sysctlMend(id)
		}
	case object.Route:
		if table := v["table"]; table != "254" && table != "255" {
			class = object.Rule // without rules the kernel takes the main table for any
		}
		if strings.Contains(v["to"], ":") {
			family = "inet6"
		}
	}
	if spec := object.LookupSpec(class); spec != nil {
		need := partOf(spec, family == "inet6")
		if s.without[need] {
			return "enable " + need
		}
	}
	return ""
}

// partOf names the option that brings a class, for one family of addresses.
func partOf(spec *object.Spec, ipv6 bool) string {
	if rest, both := strings.CutPrefix(spec.Kconfig, "CONFIG_IP_"); both && ipv6 {
		return "CONFIG_IPV6_" + rest
	}
	return spec.Kconfig
}

// hasSysctl tells whether a setting is there, or will be once its link is.
func hasSysctl(id object.ID) bool {
	file := procSys + id.Name
	if link := id.SysctlLink(); link != "" {
		file, _, _ = strings.Cut(file, "/"+link+"/")
	}
	return sysfile.Exists(file)
}
