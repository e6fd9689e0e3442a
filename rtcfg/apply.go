package rtcfg

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/state"
)

// ApplyOptions bound what an apply may do.
type ApplyOptions struct {
	MaxDisruption object.Cost   // refuse a plan with a worse outage of any link
	Confirm       time.Duration // undo it after that time unless it is confirmed; 0: it needs no confirm
	Anyway        bool          // take it although it is refused: see [*RefusedError]
	Saved         *SavedPlan    // refuse any other plan; nil: take what is found

	heals bool // it only puts right what others have changed: not a change that a rollback undoes
}

// Result is what an apply did.
type Result struct {
	Recovered *Recovery // what had to be undone first, nil if nothing had

	Steps   []plan.Step
	Awaited []plan.Awaited
	Files   []plan.FileChange
	Unkept  error  // why a boot would not find it, or what was before it
	Writes  uint64 // writes to the kernel, counted at the socket and at the files
}

// Apply makes the kernel equal to the file as one transaction. When a step
// fails, or the kernel is not as it should be in the end, everything is undone.
// What a process that was killed has left is undone first.
//
// Errors: [*kernel.LackError] and [*plan.Conflict] before anything was changed,
// [*DisruptionError], [*ChangedError], [*RefusedError] and [*PendingError] likewise; [*kernel.StepError] or
// [*VerifyError] when all was undone; [*IncompleteError] when something could not be.
func (m *Manager) Apply(ctx until.Context, o ApplyOptions) (*Result, error) {
	unlock, locked := lock(m.dir)
	defer unlock()
	recovered, err := recoverFrom(ctx, m.Options, locked)
	if err != nil {
		return nil, err
	}
	result, err := m.apply(ctx, o, recovered, locked)
	tried := map[string]bool{}
	for link := idleLink(err); link != "" && !tried[link] && o.Saved == nil; link = idleLink(err) {
		tried[link], m.idle[link] = true, true // all is undone: once more, without what needs that link's carrier
		result, err = m.apply(ctx, o, recovered, locked)
	}
	return result, err
}

// idleLink names the link for whose carrier an apply has waited in vain; "": that is not
// why it failed, or not all could be undone.
func idleLink(err error) string {
	var left *IncompleteError
	var idle *kernel.CarrierError
	if errors.As(err, &left) || !errors.As(err, &idle) {
		return ""
	}
	return idle.Link
}

// apply is Apply once the lock is held and what was left is undone.
func (m *Manager) apply(ctx until.Context, o ApplyOptions, recovered *Recovery, locked error) (*Result, error) {
	p, have, owned, err := m.plan(ctx)
	if err != nil {
		return nil, err
	}
	if o.Saved != nil {
		if err := o.Saved.check(m, p); err != nil {
			return nil, err
		}
	}
	result := &Result{Awaited: p.Awaited, Recovered: recovered}
	if p.Empty() {
		result.Unkept = m.good(m.want)
		return result, m.save(owned, settle(p.Owned, have))
	}
	if o.Confirm == 0 && !o.Anyway {
		if err := m.taken(); err != nil {
			return nil, err
		}
	}
	if err := m.admit(ctx, p, o); err != nil {
		return nil, err
	}
	if locked != nil {
		return nil, locked
	}
	before := m.sys.Writes()
	if o.Confirm == 0 {
		err = m.change(ctx, p, owned, o, result)
	} else {
		err = m.tryOut(ctx, p, owned, o, result)
	}
	result.Writes = m.sys.Writes() - before
	return result, err
}

// tryOut is change for what waits for a confirm. A boot before that does not take it.
func (m *Manager) tryOut(ctx until.Context, p *plan.Plan, owned *object.Owned, o ApplyOptions, result *Result) error {
	former := m.refused()
	result.Unkept = m.refuse(refusal{m.want.Sum, unconfirmed})
	err := m.change(ctx, p, owned, o, result)
	if err != nil {
		_ = m.refuse(former) // what is noted too much only asks for a confirm
	}
	return err
}

// change carries out a plan between the beginning and the end of an undo log.
func (m *Manager) change(ctx until.Context, p *plan.Plan, owned *object.Owned, o ApplyOptions, result *Result) error {
	t, err := m.begin(owned, result)
	if err != nil {
		return err
	}
	if len(p.Steps) > 0 {
		err = t.steps(ctx, p)
	}
	if err == nil && len(m.want.RouteFiles) > 0 {
		err = t.fillTables(ctx, len(p.Steps) > 0)
	}
	if err == nil {
		err = t.end(o)
	}
	if err != nil {
		return t.undo(err)
	}
	if o.Confirm == 0 && !o.heals {
		result.Unkept = m.good(m.want)
	}
	return nil
}

// stillAwaited compares the files anew, and forgets those that no more wait.
func (m *Manager) stillAwaited(ctx until.Context, have *object.Snapshot, awaited []plan.Awaited) ([]*fileDiff, []plan.Awaited, error) {
	diffs, still, err := m.compareFiles(ctx, have)
	for _, a := range awaited {
		if a.ID.Class != "" {
			still = append(still, a)
		}
	}
	return diffs, still, err
}

// admit refuses a plan before anything is changed.
func (m *Manager) admit(ctx until.Context, p *plan.Plan, o ApplyOptions) error {
	if worst := p.Cost(); worst > o.MaxDisruption {
		return &DisruptionError{Plan: p, Max: o.MaxDisruption}
	}
	if m.partly { // the plan is without them
		return nil
	}
	return m.Lacks(ctx, p)
}

// learn adds the former values of settings that only the writing told: those of
// links that were not there before.
func learn(want *object.Desired, o *object.Owned, done []plan.Step) *object.Owned {
	o = o.Clone()
	for _, s := range done {
		if s.ID.Class == object.Sysctl && s.Before != nil && o.Before[s.ID] == nil && want.Find(s.ID) != nil {
			o.Before[s.ID] = object.NewValues("value", s.Before.Get("value"))
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
	_ [0]func() // no equality: it would be code

	Plan *plan.Plan
	Max  object.Cost
}

// Error names the links and their outages.
func (e *DisruptionError) Error() string {
	var links []string
	outages := e.Plan.Outages()
	for _, link := range order.Keys(outages) {
		links = order.Also(links, fmt.Sprintf("%s (%s)", link, outages[link]))
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
