package kernel

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
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

// readSysctls reads those of the settings that exist.
func (s *System) readSysctls(ids []object.ID) (map[object.ID]string, error) {
	values := map[object.ID]string{}
	if len(ids) == 0 {
		return values, nil
	}
	err := nlcore.InNamespace(s.netns, func() error {
		for _, id := range ids {
			text, err := os.ReadFile(procSys + id.Name)
			switch {
			case errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission):
			case err != nil:
				return fmt.Errorf("read %s: %w", id, err)
			default:
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
// former value where the plan does not know it.
func (s *System) writeSysctl(step *plan.Step, w work, at int) error {
	path := procSys + step.ID.Name
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return &LackError{Lacks: []Lack{sysctlLack(step.ID)}}
	}
	if err != nil && !errors.Is(err, os.ErrPermission) {
		return err
	}
	if step.Before == nil {
		step.Before = object.Values{"value": strings.TrimSpace(string(text))}
		if w.Former != nil {
			if err := w.Former(at, step.Before); err != nil {
				return err
			}
		}
	}
	if err := w.sending(at + 1); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	s.sysctls++
	_, err = f.WriteString(step.Values["value"])
	return err
}

// sysctlLack says why a setting is not there.
func sysctlLack(id object.ID) Lack {
	l := Lack{What: id.String(), Why: "no such setting below /proc/sys", Mend: "check the spelling, or enable the part of the kernel that it belongs to"}
	if strings.HasPrefix(id.Name, "net/ipv6/") {
		if _, err := os.Stat(procSys + "net/ipv6"); err != nil {
			l.Why, l.Mend = "this kernel has no IPv6", "enable CONFIG_IPV6, or do not boot with ipv6.disable=1"
		}
	}
	return l
}
