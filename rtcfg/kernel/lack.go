package kernel

import (
	"errors"
	"os"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/caps"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// A Lack is something that the file needs and this kernel has not.
type Lack struct {
	_ [0]func() // no equality: it would be code

	Pos  conf.Pos // the line that needs it
	What string
	Why  string
	Mend string

	ID  object.ID // of the link whose option it is
	Key string    // that option; "": it is the object
}

// LackError lists what the kernel lacks.
type LackError struct{ Lacks []Lack }

// Error gives a line for each lack: where, what, why, how to mend it.
func (e *LackError) Error() string {
	lines := make([]string, len(e.Lacks))
	for i, l := range e.Lacks {
		lines[i] = conf.Fault{Pos: l.Pos, What: l.What + ": " + l.Why, Hint: l.Mend}.Error()
	}
	return strings.Join(lines, "\n")
}

// Place finds the lines of options in the file.
func (e *LackError) Place(want *object.Desired) {
	for i := range e.Lacks {
		l := &e.Lacks[i]
		if o := want.Find(l.ID); o != nil && l.Key != "" {
			l.Pos = o.Place(l.Key)
		}
	}
}

// Lacks finds what the plan needs and the kernel has not, before anything is
// changed: each object that needs it. Asking may make the kernel load modules, as
// carrying out the plan would; it is only done where there is something to make. The
// error is a [*LackError], or a [*PrivilegeError].
func (s *System) Lacks(ctx until.Context, want *object.Desired, p *plan.Plan) error {
	found := &LackError{}
	a := &asker{ctx: ctx, sys: s, answers: map[string]caps.Answer{}}
	for i := range p.Steps {
		step := &p.Steps[i]
		switch {
		case step.Op == object.Delete:
		case step.ID.Class == object.Sysctl:
			file := procSys + step.ID.Name
			if link := step.ID.SysctlLink(); link != "" { // which brings it
				file, _, _ = strings.Cut(file, "/"+link+"/")
			}
			if !sysfile.Exists(file) {
				found.add(step.Pos, step.ID, sysctlMend(step.ID))
			}
		case step.Op == object.Create:
			kind := step.Kind
			if kind == "" {
				kind = step.Values.Get("kind")
			}
			needs := caps.Of(&object.Object{ID: step.ID, Values: step.Values, Pos: step.Pos}, kind)
			for j := range needs {
				a.need(found, &needs[j])
			}
		}
	}
	for i := range want.RouteFiles {
		f := &want.RouteFiles[i]
		a.need(found, &caps.Need{Feature: caps.Tables(f.Table), ID: f.ID(), Pos: f.Pos})
	}
	if a.err != nil || len(found.Lacks) == 0 {
		return a.err
	}
	return found
}

// asker asks for each feature once.
type asker struct {
	ctx     until.Context
	sys     *System
	answers map[string]caps.Answer
	err     error
}

func (a *asker) need(found *LackError, n *caps.Need) {
	if n.Feature == nil || a.err != nil {
		return
	}
	says, asked := a.answers[n.Name]
	if !asked {
		says, a.err = caps.Ask(a.ctx, a.sys.conn, n.Feature)
		if errors.Is(a.err, unix.EPERM) {
			a.err = &PrivilegeError{Err: a.err}
		}
		a.answers[n.Name] = says
	}
	if says == caps.No {
		found.Lacks = append(found.Lacks, Lack{Pos: n.Pos, What: n.String(), Why: "this kernel has none", Mend: n.Mend(), ID: n.ID, Key: n.Key})
	}
}

func (e *LackError) add(at conf.Pos, id object.ID, mend string) {
	e.Lacks = append(e.Lacks, Lack{Pos: at, ID: id, What: id.String(), Why: "no such setting below /proc/sys", Mend: mend})
}

// UnmetNeeds lists the needs of a file that a kernel does not meet, by a report of it; nil: it
// meets all.
func UnmetNeeds(r *caps.Report, want *object.Desired) *LackError {
	var lacks []Lack
	needs := caps.Needs(want)
	for i := range needs {
		n := &needs[i]
		if why := r.Lacks(n); why != "" {
			lacks = append(lacks, Lack{Pos: n.Pos, What: n.String(), Why: why, Mend: n.Mend()})
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return &LackError{lacks}
}

// lackOf turns a refusal that means "not built" into a lack, and one that means
// "not allowed" into a [PrivilegeError].
func lackOf(step *plan.Step, err error) error {
	switch {
	case errors.Is(err, unix.EEXIST) && step.ID.Class == object.Route && step.Op == object.Create:
		return &foreignError{err}
	case errors.Is(err, unix.EPERM) && os.Geteuid() != 0: // root is told so for other reasons
		return &PrivilegeError{Err: err}
	case errors.Is(err, unix.EOPNOTSUPP) && step.ID.Class == object.Link:
		if lacks := optionLacks(step); len(lacks) > 0 {
			return &LackError{lacks}
		}
	}
	return err
}

// optionLacks lists the options of a refused link that need a part of the
// kernel of their own: the kernel does not say which of them it meant.
func optionLacks(step *plan.Step) []Lack {
	var lacks []Lack
	for _, key := range step.Values.Keys() {
		if r := object.LinkRow(key); r != nil && r.Kconfig != "" {
			lacks = append(lacks, Lack{ID: step.ID, Key: key, Pos: step.Pos, What: step.ID.String() + ": " + key, Why: "this kernel cannot do it",
				Mend: "enable " + r.Kconfig + ", or take the option out"})
		}
	}
	return lacks
}

// Unmet finds, among steps that are to be done again although the kernel took
// them, options that it silently passes over because it was not built for them:
// those that it does not even show.
func Unmet(p *plan.Plan) *LackError {
	var lacks []Lack
	for i := range p.Steps {
		step := &p.Steps[i]
		for _, l := range optionLacks(step) {
			if _, shown := step.Before.Lookup(l.Key); step.Op == object.Change && !shown {
				lacks = append(lacks, l)
			}
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return &LackError{lacks}
}

// foreignError: a route that is not ours, and that we therefore do not see, has the
// same destination, table and metric.
type foreignError struct{ error }

// Error says what to do about it.
func (e *foreignError) Error() string {
	return cause(e.error) + ": another program made a route to there with that metric: remove it, or choose another metric"
}

// Unwrap gives the cause, down to the errno.
func (e *foreignError) Unwrap() error { return e.error }

// PrivilegeError: the kernel demands CAP_NET_ADMIN.
type PrivilegeError struct{ Err error }

// Error says what is missing and who may give it.
func (e *PrivilegeError) Error() string {
	return "not permitted: changing the network needs CAP_NET_ADMIN: run bootlink as root, or give it that capability"
}

// Unwrap gives the cause, down to the errno.
func (e *PrivilegeError) Unwrap() error { return e.Err }
