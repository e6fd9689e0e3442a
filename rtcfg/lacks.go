package rtcfg

import (
	"errors"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/plan"
)

// Lacks tells what a plan needs and the kernel has not, as a [*kernel.LackError]. Asking
// may make the kernel load modules, as carrying out the plan would.
func (m *Manager) Lacks(ctx until.Context, p *plan.Plan) error { return m.sys.Lacks(ctx, m.want, p) }

// leaveOut notes what a plan needs and the kernel has not, so that the next one does
// without. It tells whether that is anything new. Where the kernel may not be asked
// (it takes a privilege), all is taken to be there.
func (m *Manager) leaveOut(ctx until.Context, p *plan.Plan) bool {
	before := len(m.lacking)
	var list *kernel.LackError
	if errors.As(m.Lacks(ctx, p), &list) {
		for i := range list.Lacks {
			l := &list.Lacks[i]
			m.lacking[l.ID] = "another kernel: " + l.Mend
		}
	}
	return len(m.lacking) > before
}

// PartialError: the configuration was in force but for what the kernel lacks.
type PartialError struct{}

// Error leaves to the lines of the start what that is.
func (e *PartialError) Error() string { return "ended; the kernel lacks things that the file asks for" }
