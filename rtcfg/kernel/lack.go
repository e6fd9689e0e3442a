package kernel

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
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
// changed. Asking may make the kernel load the module of a link kind, as
// creating the link would.
func (s *System) Lacks(ctx until.Context, p *plan.Plan) (*LackError, error) {
	var lacks []Lack
	asked := map[string]bool{}
	for i := range p.Steps {
		step := &p.Steps[i]
		kind := step.ID.Class == object.Link && step.Op == object.Create
		if kind && !asked[step.Kind] {
			asked[step.Kind] = true
			has, err := s.hasKind(ctx, step.Kind)
			if err != nil {
				return nil, err
			}
			if !has {
				lacks = append(lacks, kindLack(step))
			}
		}
		if l, ok := familyLack(step); ok && !asked[l.What] {
			asked[l.What] = true
			lacks = append(lacks, l)
		}
	}
	if len(lacks) == 0 {
		return nil, nil
	}
	return &LackError{lacks}, nil
}

// hasKind asks for a link of the kind with no transmit queue, which cannot be:
// the kernel looks for the kind first (rtnl_newlink) and then for this
// (rtnl_create_link), so that nothing is ever made.
func (s *System) hasKind(ctx until.Context, kind string) (bool, error) {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.U32(unix.IFLA_NUM_TX_QUEUES, 0)
	w.Nest(unix.IFLA_LINKINFO, func() { w.String(unix.IFLA_INFO_KIND, kind) })
	_, err := s.conn.Get(ctx, nlcore.Request{Type: unix.RTM_NEWLINK, Flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, Body: w.Bytes(),
		Header: unix.SizeofIfInfomsg, Label: fmt.Sprintf("ask for link kind %q", kind)})
	switch {
	case errors.Is(err, unix.EPERM):
		return false, &PrivilegeError{Err: err}
	case errors.Is(err, unix.EOPNOTSUPP):
		return false, nil
	}
	return true, nil
}

func kindLack(step *plan.Step) Lack {
	l := Lack{Pos: step.Pos, What: fmt.Sprintf("link %q needs kind %s", step.ID.Name, step.Kind), Why: "this kernel has no such link kind"}
	if k := object.LookupKind(step.Kind); k != nil {
		l.Mend = fmt.Sprintf("enable %s, or install and load module %s", k.Kconfig, k.Module)
	}
	return l
}

// familyLack finds what needs IPv6 where there is none.
func familyLack(step *plan.Step) (Lack, bool) {
	text := step.Values["local"] + step.Values["to"]
	if step.ID.Class == object.Link || !strings.Contains(text, ":") {
		return Lack{}, false
	}
	if sysfile.Exists(procSys + "net/ipv6") {
		return Lack{}, false
	}
	return Lack{Pos: step.Pos, What: step.ID.String() + " needs IPv6", Why: "this kernel has no IPv6",
		Mend: "enable CONFIG_IPV6, or do not boot with ipv6.disable=1"}, true
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
			if _, shown := step.Before[l.Key]; step.Op == object.Change && !shown {
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
