package routefile

import (
	"errors"
	"fmt"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// A Refusal is a write that the kernel refused.
type Refusal struct {
	_ [0]func() // no equality: it would be code

	Pos   conf.Pos      // the route's line; zero for one that is in no file
	Write string        // "add route 10.0.0.0/8 via 192.0.2.9 dev lan1 metric 0"
	Err   *nlcore.Error // with the errno and the kernel's words
}

// hintFor says what to do about errnos whose names do not.
func hintFor(errno unix.Errno) string {
	switch errno {
	case unix.EEXIST:
		return "somebody else has a route with this destination and metric: choose another metric"
	case unix.ENETUNREACH:
		return "no address and no route leads to the gateway"
	}
	return ""
}

// Error gives file:line:col, the route, the kernel's words, and a hint.
func (r Refusal) Error() string {
	what := fmt.Sprintf("%s: %v", r.Write, r.Err.Errno)
	if r.Err.Text != "" {
		what += fmt.Sprintf(": kernel: %q", r.Err.Text)
	}
	return conf.Fault{Pos: r.Pos, What: what, Hint: hintFor(r.Err.Errno)}.Error()
}

// Unwrap gives the kernel's error, which unwraps to the errno.
func (r Refusal) Unwrap() error { return r.Err }

// A RefusedError is what the kernel refused of a diff.
type RefusedError struct {
	Refusals []Refusal // the first 100
	More     int       // how many more there were

	// Cause, if not nil, is why not all answers are known: a context that
	// ended, an overrun.
	Cause error
}

// Error lists the refusals, one a line.
func (e *RefusedError) Error() string {
	var lines []string
	for _, r := range e.Refusals {
		lines = append(lines, r.Error())
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more refused routes", e.More))
	}
	if e.Cause != nil {
		lines = append(lines, "write routes: "+e.Cause.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the refusals and the cause.
func (e *RefusedError) Unwrap() []error {
	var all []error
	for _, r := range e.Refusals {
		all = append(all, r)
	}
	if e.Cause != nil {
		all = append(all, e.Cause)
	}
	return all
}

// refused turns the error of a batch into a RefusedError. name says what the
// i-th write was; it is called with ascending numbers.
func refused(err error, name func(r *Refusal, i int)) error {
	var batch *nlcore.BatchError
	if !errors.As(err, &batch) {
		return err
	}
	e := &RefusedError{Cause: batch.Cause}
	for _, f := range batch.Failed {
		if len(e.Refusals) == maxListed {
			e.More++
			continue
		}
		r := Refusal{Write: f.Label, Err: f}
		name(&r, f.Index)
		e.Refusals = append(e.Refusals, r)
	}
	return e
}

// refusedBy is refused for writes that are in no file.
func refusedBy(err error) error { return refused(err, func(*Refusal, int) {}) }

// failures gathers what went wrong while the rest went on.
type failures struct {
	refused RefusedError
	others  []error
}

func (f *failures) add(err error) {
	var r *RefusedError
	switch {
	case err == nil:
	case errors.As(err, &r):
		room := min(maxListed-len(f.refused.Refusals), len(r.Refusals))
		f.refused.Refusals = append(f.refused.Refusals, r.Refusals[:room]...)
		f.refused.More += r.More + len(r.Refusals) - room
		f.refused.Cause = errors.Join(f.refused.Cause, r.Cause)
	default:
		f.others = append(f.others, err)
	}
}

// err gives nil when nothing went wrong.
func (f *failures) err() error {
	switch all := errors.Join(f.others...); {
	case len(f.refused.Refusals) == 0 && f.refused.Cause == nil:
		return all
	case all == nil:
		return &f.refused
	default:
		return errors.Join(&f.refused, all)
	}
}
