package rtcfg

import (
	"errors"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/plan"
)

// Lacks tells what a plan needs and the kernel has not, as a [*kernel.LackError]. Asking
// may make the kernel load modules, as carrying out the plan would.
func (m *Manager) Lacks(ctx until.Context, p *plan.Plan) error {
	found, err := m.sys.Lacks(ctx, p)
	if err == nil {
		err = m.sys.Without(m.want, p, found)
	}
	return err
}

// leaveOut notes what a plan needs and the kernel has not, so that the next one does
// without. It tells whether that is anything new. Where the kernel may not be asked
// (it takes a privilege), all is taken to be there.
func (m *Manager) leaveOut(ctx until.Context, p *plan.Plan) bool {
	before := len(m.lacking)
	var list *kernel.LackError
	if errors.As(m.Lacks(ctx, p), &list) {
		for i := range list.Lacks {
			m.leave(p, &list.Lacks[i])
		}
	}
	return len(m.lacking) > before
}

// leave notes the objects that need what is lacking: the one that is named, or else what
// stands on the line, with all links of its kind.
func (m *Manager) leave(p *plan.Plan, l *kernel.Lack) {
	why, kind := "another kernel: "+l.Mend, ""
	if l.ID.Name != "" {
		m.lacking[l.ID] = why
		return
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Pos.Compare(l.Pos) == 0 || kind != "" && s.Kind == kind {
			m.lacking[s.ID], kind = why, s.Kind
		}
	}
}

// PartialError: the configuration was in force but for what the kernel lacks.
type PartialError struct{}

// Error leaves to the lines of the start what that is.
func (e *PartialError) Error() string { return "ended; the kernel lacks things that the file asks for" }
