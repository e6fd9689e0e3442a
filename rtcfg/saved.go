package rtcfg

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/order"
	"bootlink/rtcfg/plan"
)

// planHead begins the first line of a saved plan; the sum of all that its writes
// and their inverses are follows, and then the plan as people read it.
const planHead = "# bootlink plan 1, sum "

// A SavedPlan is one that somebody has seen, and that is to be carried out only if it
// is still the same.
type SavedPlan struct{ file, head, text string }

// SavePlan writes the plan that was made last into a file. Keys do not stand in it, only in
// the sum.
func (m *Manager) SavePlan(p *plan.Plan, file string) error {
	head, err := m.planSum(p)
	if err != nil {
		return err
	}
	return sysfile.Replace(file, []byte(head+"\n"+p.Text(false)))
}

// ReadPlan reads what SavePlan has written.
func ReadPlan(file string) (*SavedPlan, error) {
	text, err := sysfile.Read(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such plan: bootlink plan --save makes one", file)
	}
	if err != nil {
		return nil, err
	}
	head, rest, whole := strings.Cut(string(text), "\n")
	if !whole || !strings.HasPrefix(head, planHead) {
		return nil, fmt.Errorf("%s is not a plan that bootlink plan --save has made", file)
	}
	return &SavedPlan{file, head, rest}, nil
}

// planSum gives the first line of a plan's file. What the kernel has of the objects
// that the plan touches stands in the inverses, so it is in the sum.
func (m *Manager) planSum(p *plan.Plan) (string, error) {
	var b []byte
	for i := range p.Steps {
		b = p.Steps[i].Append(b)
	}
	for _, d := range m.diffs {
		err := d.Record(func(piece []byte) error {
			b = append(b, piece...)
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return planHead + strconv.FormatUint(sum(b), 16), nil
}

// check refuses a plan that is not the saved one.
func (s *SavedPlan) check(m *Manager, p *plan.Plan) error {
	head, err := m.planSum(p)
	if err != nil || head == s.head {
		return err
	}
	e := &ChangedError{File: s.file}
	was, now := planLines(s.text), planLines(p.Text(false))
	for _, line := range was {
		if !slices.Contains(now, line) {
			e.Gone = order.Also(e.Gone, line)
		}
	}
	for _, line := range now {
		if !slices.Contains(was, line) {
			e.New = order.Also(e.New, line)
		}
	}
	return e
}

// planLines gives the lines of a plan without their numbers.
func planLines(text string) (lines []string) {
	for _, line := range strings.Split(text, "\n") {
		lines = order.Also(lines, strings.TrimLeft(line, " 0123456789"))
	}
	return lines
}

// ChangedError: the kernel, or the file, is not any more what a saved plan was made
// for.
type ChangedError struct {
	File      string
	Gone, New []string // steps of the saved plan that are not needed any more, and others that are
}

// Error lists the differences.
func (e *ChangedError) Error() string {
	text := "refused, nothing was changed: the plan in " + e.File + " is out of date"
	for _, line := range e.Gone {
		text += "\n- " + line
	}
	for _, line := range e.New {
		text += "\n+ " + line
	}
	if len(e.Gone)+len(e.New) == 0 {
		text += ": what it would change is not as it was"
	}
	return text
}
