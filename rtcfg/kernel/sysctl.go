package kernel

import (
	"errors"
	"os"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

const procSys = "/proc/sys/"

// Settings reads the sysctls that a file sets, those that exist.
func (s *System) Settings(want *object.Desired) (map[object.ID]string, error) {
	var ids []object.ID
	for _, o := range want.Of(object.Sysctl) {
		ids = append(ids, o.ID)
	}
	return s.readSysctls(ids)
}

// readSysctls reads those of the settings that exist and have a value: there are
// some that can only be written, and a stable_secret that has none at first.
func (s *System) readSysctls(ids []object.ID) (map[object.ID]string, error) {
	values := map[object.ID]string{}
	if len(ids) == 0 {
		return values, nil
	}
	err := nlcore.InNamespace(s.netns, func() error {
		for _, id := range ids {
			if text, err := sysfile.Read(procSys + id.Name); err == nil {
				values[id] = strings.TrimSpace(string(text))
			}
		}
		return nil
	})
	return values, err
}

// sysctls counts the first steps that set one.
func sysctls(steps []plan.Step) (n int) {
	for n < len(steps) && steps[n].ID.Class == object.Sysctl {
		n++
	}
	return n
}

// writeSysctls sets one after the other until one fails, notes their former
// values, and tells what became of each that it tried.
func (s *System) writeSysctls(steps []plan.Step, w work) (results []error) {
	err := nlcore.InNamespace(s.netns, func() error {
		for i := range steps {
			err := s.writeSysctl(&steps[i], w, w.at+i)
			results = append(results, err)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && len(results) == 0 {
		return []error{err}
	}
	return results
}

// writeSysctl writes a setting of the calling thread's namespace, and notes its
// former value where the plan does not know it; some have none.
func (s *System) writeSysctl(step *plan.Step, w work, at int) error {
	file := procSys + step.ID.Name
	if step.Before == nil {
		if text, err := sysfile.Read(file); err == nil {
			step.Before = object.NewValues("value", strings.TrimSpace(string(text)))
			if w.Former != nil {
				if err := w.Former(at, step.Before); err != nil {
					return err
				}
			}
		}
	}
	if err := w.sending(at + 1); err != nil {
		return err
	}
	err := sysfile.Write(file, step.Values.Get("value")+"\n") // no bytes at all would leave a list as it is
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.EISDIR) {
		e := &LackError{}
		e.add(step.Pos, step.ID, sysctlMend(step.ID))
		return e
	}
	s.sysctls++
	return err
}

// sysctlMend says what would bring a setting that is not there.
func sysctlMend(id object.ID) string {
	switch {
	case !sysfile.Exists(procSys + "net"):
		return "enable CONFIG_PROC_SYSCTL"
	case strings.HasPrefix(id.Name, "net/ipv6/") && !sysfile.Exists(procSys+"net/ipv6"):
		return "enable CONFIG_IPV6, or do not boot with ipv6.disable=1"
	}
	return "check the spelling, or enable the part of the kernel that it belongs to"
}
