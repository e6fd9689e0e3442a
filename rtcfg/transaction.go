package rtcfg

import (
	"errors"
	"fmt"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/routefile"
	"bootlink/rtcfg/state"
	"bootlink/rtcfg/undolog"
)

// maxRounds bounds the healing of what the kernel changed by itself while a
// plan was carried out.
const maxRounds = 3

// A transaction is an apply under way: what undoes it is on disk before the
// kernel is told anything.
type transaction struct {
	*Manager
	log    *undolog.Log
	first  *object.Owned     // before
	owned  *object.Owned     // so far
	tables []*routefile.Diff // large ones that were written, at least in part
	result *Result
}

// begin opens the undo log.
func (m *Manager) begin(owned *object.Owned, result *Result) (*transaction, error) {
	boot, err := undolog.Boot()
	if err != nil {
		return nil, err
	}
	text, err := state.Text(m.dir)
	if err != nil {
		return nil, runDirError(err)
	}
	now, err := boottime()
	if err != nil {
		return nil, err
	}
	log, err := undolog.Create(m.dir, undolog.Header{Boot: boot, NetNS: m.netns, State: text, File: m.want.File,
		Protocol: m.want.Settings.Protocol, Sum: m.want.Sum, At: now})
	if err != nil {
		return nil, fmt.Errorf("undo log: %w: nothing was changed", runDirError(err))
	}
	return &transaction{Manager: m, log: log, first: owned, owned: owned, result: result}, nil
}

// steps carries out a plan, looks at the result, and carries out what is still
// missing.
func (t *transaction) steps(ctx until.Context, p *plan.Plan) error {
	for range maxRounds {
		if err := t.round(ctx, p); err != nil {
			return err
		}
		var have *object.Snapshot
		var err error
		if p, have, err = t.compare(ctx, t.owned); err != nil {
			return err
		}
		if p.Empty() {
			return state.Save(t.dir, t.netns, settle(p.Owned, have))
		}
	}
	if lacks := kernel.Unmet(p); lacks != nil {
		return lacks
	}
	return &VerifyError{Plan: p}
}

// round takes the steps of one plan.
func (t *transaction) round(ctx until.Context, p *plan.Plan) error {
	err := t.log.Add(p.Steps)
	if err == nil {
		err = state.Save(t.dir, t.netns, union(p.Owned, t.owned))
	}
	if err != nil {
		return err
	}
	done, err := t.sys.Do(ctx, p.Steps, kernel.Journal{Sending: t.log.Sending, Former: t.log.Former})
	t.result.Steps = append(t.result.Steps, done...)
	t.owned = learn(t.want, p.Owned, done)
	return err
}

// fillTables writes the route files; what the plan's steps may have changed is
// looked at anew.
func (t *transaction) fillTables(ctx until.Context, anew bool) error {
	if anew {
		have, err := t.sys.Observe(ctx, t.want, t.owned)
		if err == nil {
			t.diffs, t.result.Awaited, err = t.stillAwaited(ctx, have, t.result.Awaited)
		}
		if err != nil {
			return err
		}
	}
	return t.applyFiles(ctx, t.diffs)
}

// end leaves the log as that of the last change, or until the change is
// confirmed.
func (t *transaction) end(o ApplyOptions) error {
	if err := t.log.Done(); err != nil {
		return err
	}
	switch {
	case o.heals:
		return t.log.Drop()
	case o.Confirm == 0:
		return t.log.Keep(undolog.Last)
	}
	now, err := boottime()
	if err == nil {
		err = t.log.Deadline(now + int64(o.Confirm))
	}
	if err == nil {
		err = t.log.Keep(undolog.Pending)
	}
	return err
}

// undo plays back what was done, and looks whether the kernel is as before. No
// context bounds it: its end may be the reason.
func (t *transaction) undo(cause error) error {
	var lacks *kernel.LackError
	if errors.As(cause, &lacks) {
		lacks.Place(t.want)
	}
	ctx := until.Never()
	if t.Ring != nil {
		t.Ring.Mark() // the undo has many messages, too
	}
	left := undoTables(ctx, t.sys, t.tables)
	inverses := plan.Inverses(t.result.Steps)
	journal := kernel.Journal{}
	if t.log.Undo(inverses) == nil { // else it is undone all the same
		journal = undoing(t.log)
	}
	left = append(left, t.sys.Undo(ctx, inverses, 0, journal)...)
	var have *object.Snapshot
	err := insist(func() (err error) { // links that came back have new indexes
		have, err = t.sys.Observe(ctx, t.want, withSteps(t.first, inverses))
		return err
	})
	if err == nil {
		left = append(left, remains(inverses, have)...)
		err = insist(func() error { return state.Save(t.dir, t.netns, settle(t.first, have)) })
	}
	if err == nil {
		err = t.log.Drop()
	}
	if err != nil {
		left = append(left, err)
	}
	if len(left) > 0 {
		return &IncompleteError{Cause: cause, Left: left}
	}
	return cause
}

// insist tries up to three times: what is undone by then is not to be called undone in
// part because one look, or one note of it, failed.
func insist(try func() error) (err error) {
	for range 3 {
		if err = try(); err == nil {
			break
		}
	}
	return err
}

// undoing notes how far an undo is. What cannot be noted is undone all the same: the
// note is only for a process that is killed in the middle of it.
func undoing(log *undolog.Log) kernel.Journal {
	return kernel.Journal{Sending: func(to int) error {
		_ = log.Sending(to)
		return nil
	}}
}

// remains lists what is not as it was before what inverses undo.
func remains(inverses []plan.Step, have *object.Snapshot) (left []error) {
	for _, line := range plan.Undone(inverses, have) {
		left = append(left, errors.New(line))
	}
	return left
}

// withSteps adds the objects of steps to what is remembered, so that they are
// looked at.
func withSteps(o *object.Owned, steps []plan.Step) *object.Owned {
	o = o.Clone()
	for i := range steps {
		id := steps[i].ID
		if _, known := o.Made[id]; !known {
			o.Made[id] = 0
		}
		if id.Class == object.Sysctl && o.Before[id] == nil {
			o.Before[id] = object.NewValues()
		}
	}
	return o
}
