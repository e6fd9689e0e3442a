package kernel

import (
	"context"
	"errors"
	"strings"

	"bootlink/nlcore"
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

// Error names the line, the step and the kernel's words.
func (e *StepError) Error() string {
	return conf.Fault{Pos: e.Step.Pos, What: e.Step.String(), Hint: cause(e.Err)}.Error()
}

// cause leaves out the label that the request had: the step says it already.
func cause(err error) string {
	var nl *nlcore.Error
	if errors.As(err, &nl) {
		return strings.TrimPrefix(err.Error(), nl.Label+": ")
	}
	return err.Error()
}

// Unwrap gives the cause, down to the errno.
func (e *StepError) Unwrap() error { return e.Err }

// Do carries out the steps in order. It gives those that were done, with the
// former values of settings that the plan could not know; the error, if there
// is one, belongs to the step after them.
func (s *System) Do(ctx context.Context, steps []plan.Step) (done []plan.Step, err error) {
	for _, step := range steps {
		if err := s.step(ctx, &step); err != nil {
			return done, &StepError{Step: step, Err: err}
		}
		done = append(done, step)
	}
	return done, nil
}

func (s *System) step(ctx context.Context, step *plan.Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if step.ID.Class == object.Sysctl {
		was, err := s.writeSysctl(step.ID, step.Values["value"])
		if step.Before == nil {
			step.Before = object.Values{"value": was}
		}
		return err
	}
	r, err := step.Encode(s.names, s.protocol)
	if err != nil {
		return err
	}
	r.Label = step.String()
	err = s.conn.Do(ctx, r)
	if err != nil {
		var again bool
		if again, err = s.settleSource(ctx, step, err); again {
			err = s.conn.Do(ctx, r)
		}
	}
	if err != nil {
		return lackOf(step, err)
	}
	s.follow(step)
	return nil
}

// follow keeps the table of names true.
func (s *System) follow(step *plan.Step) {
	if step.ID.Class != object.Link {
		return
	}
	switch after := step.After(); {
	case step.Op == object.Delete:
		s.names.drop(step.ID.Name)
		s.names.drop(step.Values["veth.peer"])
	case after != step.ID:
		index := s.names.index[step.ID.Name]
		s.names.drop(step.ID.Name)
		s.names.set(after.Name, index)
	}
}

// Undo plays steps back, last first. It goes on after a failure, because the
// rest is better undone than left, and gives what could not be undone.
func (s *System) Undo(ctx context.Context, done []plan.Step) []error {
	var left []error
	for i := len(done) - 1; i >= 0; i-- {
		for _, inverse := range done[i].Inverse() {
			if len(inverse.Values) == 0 && inverse.Op == object.Change {
				continue
			}
			err := s.step(ctx, &inverse)
			if err != nil && !settled(&inverse, err) {
				left = append(left, &StepError{Step: inverse, Err: err})
			}
		}
	}
	return left
}

// settled: what is to be deleted is not there any more, or an address that is
// to come back never went.
func settled(step *plan.Step, err error) bool {
	if step.Op == object.Create {
		return step.ID.Class == object.Address && errors.Is(err, unix.EEXIST)
	}
	return step.Op == object.Delete && (errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EADDRNOTAVAIL))
}
