package kernel

import (
	"errors"
	"os"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"

	"golang.org/x/sys/unix"
)

// A StepError is a step that the kernel refused.
type StepError struct {
	Step plan.Step
	Err  error
}

// Error names the line, the step and the kernel's words; or what it lacks.
func (e *StepError) Error() string {
	var lacks *LackError
	if errors.As(e.Err, &lacks) && !lacks.Lacks[0].Pos.IsZero() {
		return lacks.Error()
	}
	return conf.Fault{Pos: e.Step.Pos, What: e.Step.String(), Hint: cause(e.Err)}.Error()
}

// cause leaves out the label that the request had, and its place in a batch: the
// step says it already.
func cause(err error) string {
	text := err.Error()
	var nl *nlcore.Error
	if errors.As(err, &nl) {
		if rest, labelled := strings.CutPrefix(text, nl.Label); labelled {
			_, text, _ = strings.Cut(rest, ": ")
		}
	}
	return text
}

// Unwrap gives the cause, down to the errno.
func (e *StepError) Unwrap() error { return e.Err }

// A Journal is told what is about to be done, before it is done. An error of it
// ends the work. Its functions may be nil.
type Journal struct {
	// Sending: the steps below the to-th, counted from the first, go to the kernel
	// now, if they did not before.
	Sending func(to int) error
	// Former: the i-th step sets something of which only the writing shows the
	// former value, and this is it.
	Former func(i int, before object.Values) error
}

func (j Journal) sending(to int) error {
	if j.Sending == nil {
		return nil
	}
	return j.Sending(to)
}

// Do carries out the steps in order. It gives those that took effect, at least
// in part, with the former values of settings that the plan could not know. The error, if there is
// one, is that of the first step that did not. Some of those behind it may be
// done all the same: as many steps as possible go to the kernel at once, and
// those that take nothing else along do not wait for what became of the others.
func (s *System) Do(ctx until.Context, steps []plan.Step, j Journal) (done []plan.Step, err error) {
	done = make([]plan.Step, 0, len(steps))
	for rest := append([]plan.Step(nil), steps...); len(rest) > 0 && err == nil; {
		results := s.carry(ctx, rest, work{Journal: j, at: len(steps) - len(rest), cautious: true})
		for i, failure := range results {
			var doubt *doubtError
			if failure == nil || errors.As(failure, &doubt) || partial(&rest[i]) {
				done = append(done, rest[i])
			}
			if failure != nil && err == nil {
				err = &StepError{Step: rest[i], Err: failure}
			}
		}
		rest = rest[len(results):]
	}
	return done, err
}

// work says how steps are carried out.
type work struct {
	Journal
	at       int  // how many were carried out before
	cautious bool // a failure ends it
}

// partial tells a step of which the kernel may have carried out a part before it
// refused the rest: it sets a link's attributes one by one (do_setlink).
func partial(step *plan.Step) bool {
	return step.ID.Class == object.Link && step.Op == object.Change && step.Values.Len() > 1
}

// carry gives as many of the first steps to the kernel as can go together, at
// least one, and tells what became of each: nil, or why it took no effect.
func (s *System) carry(ctx until.Context, steps []plan.Step, w work) []error {
	if err := ctx.Err(); err != nil {
		return []error{err}
	}
	if n := sysctls(steps); n > 0 {
		return s.writeSysctls(steps[:n], w)
	}
	b, err := s.gather(ctx, steps, w.cautious)
	if err == nil {
		err = s.awaitCarrier(ctx, &steps[0])
	}
	if err == nil {
		err = w.sending(w.at + len(b.steps))
	}
	if err != nil {
		return []error{err}
	}
	results := b.send(ctx)
	if len(results) == 1 && results[0] != nil {
		again, err := s.settleSource(ctx, &steps[0], results[0])
		if again {
			return b.send(ctx)
		}
		results[0] = err
	}
	return results
}

// follow keeps the table of names true: the index of a new link is not known.
func (s *System) follow(step *plan.Step) {
	if step.ID.Class != object.Link {
		return
	}
	after := step.After()
	index := s.names.index[step.ID.Name]
	if after != step.ID || step.Op != object.Change {
		s.names.drop(step.ID.Name)
		s.names.drop(step.Values.Get("veth.peer"))
	}
	if after != step.ID && index != 0 {
		s.names.set(after.Name, index)
	}
}

// Undo carries out what undoes steps, as [plan.Inverses] lists it. It goes on
// after a failure, because the rest is better undone than left, and gives what
// could not be undone. Of the first doubtful steps it is not known whether there is
// anything to undo.
func (s *System) Undo(ctx until.Context, inverses []plan.Step, doubtful int, j Journal) []error {
	var left []error
	for rest := append([]plan.Step(nil), inverses...); len(rest) > 0; {
		at := len(inverses) - len(rest)
		results := s.carry(ctx, rest, work{Journal: j, at: at})
		for i, err := range results {
			var doubt *doubtError
			if errors.As(err, &doubt) {
				continue // it was most likely taken; who looks at the kernel sees it
			}
			for tries := 0; tries < undoTries && passing(err); tries++ {
				err = s.carry(ctx, rest[i:i+1], work{at: at + i})[0]
			}
			if err != nil && !settled(&rest[i], err) && !(at+i < doubtful && needless(err)) {
				left = append(left, &StepError{Step: rest[i], Err: err})
			}
		}
		rest = rest[len(results):]
	}
	return left
}

// undoTries is how often a step of an undo is tried again that failed for a reason
// which may pass.
const undoTries = 3

// passing tells a failure that says nothing of the step.
func passing(err error) bool {
	for _, errno := range [...]error{unix.ENOMEM, unix.ENOBUFS, unix.EINTR, unix.EAGAIN} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// needless tells the refusals of what undoes a step that was never taken: what
// it makes is there, what it changes or deletes is not.
func needless(err error) bool {
	for _, errno := range [...]error{unix.EEXIST, unix.ENODEV, unix.ENOENT, unix.ESRCH, unix.EADDRNOTAVAIL, os.ErrNotExist} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// settled: what is to be deleted is not there any more, nor the link that it was
// of, or an address that is to come back never went.
func settled(step *plan.Step, err error) bool {
	if errors.Is(err, unix.ENODEV) && (step.ID.Class != object.Link || step.Op == object.Change) {
		return true
	}
	if step.Op == object.Create {
		return step.ID.Class == object.Address && errors.Is(err, unix.EEXIST)
	}
	return step.Op == object.Delete && (errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EADDRNOTAVAIL))
}
