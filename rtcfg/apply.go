package rtcfg

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/state"
)

// ApplyOptions bound what an apply may do.
type ApplyOptions struct {
	MaxDisruption object.Cost // refuse a plan with a worse outage of any link
}

// Result is what an apply did.
type Result struct {
	Steps   []plan.Step
	Awaited []plan.Awaited
	Files   []plan.FileChange
	Writes  uint64 // writes to the kernel, counted at the socket and at the files
}

// maxRounds bounds the healing of what the kernel changed by itself while a
// plan was carried out.
const maxRounds = 3

// Apply makes the kernel equal to the file as one transaction. When a step
// fails, or the kernel is not as it should be in the end, everything is undone.
//
// Errors: [*kernel.LackError] and [*plan.Conflict] before anything was changed,
// [*DisruptionError] likewise; [*kernel.StepError] or [*VerifyError] when all was
// undone; [*IncompleteError] when something could not be.
func (m *Manager) Apply(ctx context.Context, o ApplyOptions) (*Result, error) {
	unlock, locked := m.lock()
	defer unlock()
	p, have, owned, err := m.plan(ctx)
	if err != nil {
		return nil, err
	}
	result := &Result{Awaited: p.Awaited}
	if p.Empty() {
		return result, m.save(owned, settle(p.Owned, have))
	}
	if err := m.admit(ctx, p, o); err != nil {
		return nil, err
	}
	if locked != nil {
		return nil, locked
	}
	before := m.sys.Writes()
	if len(p.Steps) > 0 {
		err = m.transact(ctx, p, owned, result)
	}
	if err == nil && len(m.want.RouteFiles) > 0 {
		err = m.fillTables(ctx, len(p.Steps) > 0, owned, result)
	}
	result.Writes = m.sys.Writes() - before
	return result, err
}

// fillTables writes the route files; what the plan's steps may have changed is
// looked at anew. A failure undoes those steps, too.
func (m *Manager) fillTables(ctx context.Context, anew bool, owned *object.Owned, result *Result) (err error) {
	diffs := m.diffs
	if anew {
		var have *object.Snapshot
		if have, err = m.sys.Observe(ctx, m.want, owned); err == nil {
			diffs, result.Awaited, err = m.stillAwaited(ctx, have, result.Awaited)
		}
	}
	if err == nil {
		err = m.applyFiles(ctx, diffs, result)
	}
	if err != nil {
		return m.undo(result, owned, err)
	}
	return nil
}

// stillAwaited compares the files anew, and forgets those that no more wait.
func (m *Manager) stillAwaited(ctx context.Context, have *object.Snapshot, awaited []plan.Awaited) ([]*fileDiff, []plan.Awaited, error) {
	diffs, still, err := m.compareFiles(ctx, have)
	for _, a := range awaited {
		if a.ID.Class != "" {
			still = append(still, a)
		}
	}
	return diffs, still, err
}

// admit refuses a plan before anything is changed.
func (m *Manager) admit(ctx context.Context, p *plan.Plan, o ApplyOptions) error {
	if worst := p.Cost(); worst > o.MaxDisruption {
		return &DisruptionError{Plan: p, Max: o.MaxDisruption}
	}
	lacks, err := m.sys.Lacks(ctx, p)
	if err == nil && lacks != nil {
		err = lacks
	}
	return err
}

// transact carries out the plan, looks at the result, and carries out what is
// still missing, or undoes all of it.
func (m *Manager) transact(ctx context.Context, p *plan.Plan, owned *object.Owned, result *Result) error {
	first := owned
	for range maxRounds {
		if err := state.Save(m.dir, m.netns, union(p.Owned, owned)); err != nil {
			if len(result.Steps) == 0 {
				return runDirError(err)
			}
			return m.undo(result, first, err)
		}
		done, err := m.sys.Do(ctx, p.Steps)
		result.Steps = append(result.Steps, done...)
		if err != nil {
			return m.undo(result, first, err)
		}
		owned = learn(m.want, p.Owned, done)
		have, err := m.sys.Observe(ctx, m.want, owned)
		if err == nil {
			p, err = plan.Make(m.want, have, owned)
		}
		if err != nil {
			return m.undo(result, first, err)
		}
		if p.Empty() {
			if err := state.Save(m.dir, m.netns, settle(p.Owned, have)); err != nil {
				return m.undo(result, first, err)
			}
			return nil
		}
	}
	if lacks := kernel.Unmet(p); lacks != nil {
		return m.undo(result, first, lacks)
	}
	return m.undo(result, first, &VerifyError{Plan: p})
}

// undo plays back what was done. No context bounds it: its end may be the reason.
func (m *Manager) undo(result *Result, owned *object.Owned, cause error) error {
	var lacks *kernel.LackError
	if errors.As(cause, &lacks) {
		lacks.Place(m.want)
	}
	ctx := context.Background()
	left := m.sys.Undo(ctx, result.Steps)
	have, err := m.sys.Observe(ctx, m.want, owned) // links that came back have new indexes
	if err == nil {
		err = state.Save(m.dir, m.netns, settle(owned, have))
	}
	if err != nil {
		left = append(left, err)
	}
	if len(left) > 0 {
		return &IncompleteError{Cause: cause, Left: left}
	}
	return cause
}

// learn adds the former values of settings that only the writing told: those of
// links that were not there before.
func learn(want *object.Desired, o *object.Owned, done []plan.Step) *object.Owned {
	o = o.Clone()
	for _, s := range done {
		if s.ID.Class == object.Sysctl && s.Before != nil && o.Before[s.ID] == nil && want.Find(s.ID) != nil {
			o.Before[s.ID] = object.Values{"value": s.Before["value"]}
		}
	}
	return o
}

// settle notes the indexes of the links that we made, so that a link of the
// same name that somebody else makes later is not taken for ours.
func settle(o *object.Owned, have *object.Snapshot) *object.Owned {
	o = o.Clone()
	for id := range o.Made {
		if dev := have.Objects[id]; dev != nil {
			o.Made[id] = dev.Index
		}
	}
	return o
}

// save writes the state file if it has changed.
func (m *Manager) save(old, now *object.Owned) error {
	if old.Equal(now) {
		return nil
	}
	return state.Save(m.dir, m.netns, now)
}

// DisruptionError refuses a plan that is worse than --max-disruption allows.
type DisruptionError struct {
	Plan *plan.Plan
	Max  object.Cost
}

// Error names the links and their outages.
func (e *DisruptionError) Error() string {
	var links []string
	outages := e.Plan.Outages()
	for _, link := range order.Keys(outages) {
		links = append(links, fmt.Sprintf("%s (%s)", link, outages[link]))
	}
	return fmt.Sprintf("refused, nothing was changed: the plan would disturb %s and --max-disruption is %s", strings.Join(links, ", "), e.Max)
}

// VerifyError: all steps succeeded, and yet the kernel is not as desired.
type VerifyError struct{ Plan *plan.Plan }

// Error lists what still differs.
func (e *VerifyError) Error() string {
	return "the kernel took every step and still differs from the file; was it changed by another program meanwhile? still to do:\n" + e.Plan.Text(false)
}

// IncompleteError: a failure that could not be undone completely.
type IncompleteError struct {
	Cause error
	Left  []error
}

// Error gives the cause and what is left.
func (e *IncompleteError) Error() string {
	return fmt.Sprintf("%v\nnot everything could be undone:\n%v", e.Cause, errors.Join(e.Left...))
}

// Unwrap gives the cause of the failure.
func (e *IncompleteError) Unwrap() error { return e.Cause }
