package rtcfg

import (
	"errors"
	"fmt"

	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/plan"
	"bootlink/rtcfg/routefile"
	"bootlink/rtcfg/state"
	"bootlink/rtcfg/undolog"

	"golang.org/x/sys/unix"
)

// A Recovery is what was undone of an earlier apply.
type Recovery struct {
	Why   string  // "the last apply was killed"
	File  string  // the configuration that was being applied
	Steps int     // steps that were played back
	Left  []error // what could not be
	Aside string  // where a log lies that could not be used

	Unnoted error // why a boot may take the configuration again
}

// String gives the line that people are told.
func (r *Recovery) String() string {
	if r.Aside != "" {
		return fmt.Sprintf("%s: it was not used and lies in %s", r.Why, r.Aside)
	}
	line := fmt.Sprintf("%s: %s is undone, %d steps", r.Why, r.File, r.Steps)
	if len(r.Left) > 0 {
		line += fmt.Sprintf("; not everything could be undone:\n%v", errors.Join(r.Left...))
	}
	if r.Unnoted != nil {
		line += fmt.Sprintf("; %v", r.Unnoted)
	}
	return line
}

// Recover undoes what a process that was killed in the middle of an apply has
// left, and a change whose time for a confirm is over. nil: there was nothing.
// A change that still waits for its confirm is a [*PendingError].
func Recover(ctx until.Context, o Options) (*Recovery, error) {
	unlock, locked := lock(o.runDir())
	defer unlock()
	return recoverFrom(ctx, o, locked)
}

// recoverFrom is Recover for who has tried to lock.
func recoverFrom(ctx until.Context, o Options, locked error) (*Recovery, error) {
	r, err := playBack(ctx, o, undolog.Open, "the last apply was killed", locked)
	if r != nil || err != nil {
		return r, err
	}
	left, err := pendingTime(o)
	switch {
	case err != nil || left == nil:
		return nil, err
	case *left > 0:
		return nil, &PendingError{Left: *left}
	}
	return rollBack(ctx, o, undolog.Pending, "nobody confirmed in time", locked)
}

// playBack undoes what a log says, if there is one of that name, and takes it
// away.
func playBack(ctx until.Context, o Options, name, why string, locked error) (*Recovery, error) {
	dir := o.runDir()
	e, err := readLog(o, name)
	switch {
	case e == nil && err == nil:
		return nil, nil
	case locked != nil:
		return nil, locked
	case unusable(err):
		place, moved := undolog.SetAside(dir, name)
		return &Recovery{Why: err.Error(), Aside: place}, moved
	case err != nil:
		return nil, err
	case e.Boot == "": // killed before its first record was whole, and so before all else
		return nil, undolog.Remove(dir, name)
	}
	r := &Recovery{Why: why, File: e.File}
	log, err := undolog.Reopen(dir, name, e.Whole)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if err := r.play(ctx, o, e, log); err != nil {
		return nil, err
	}
	return r, undolog.Remove(dir, name)
}

func readLog(o Options, name string) (*undolog.Entry, error) {
	boot, err := undolog.Boot()
	if err != nil {
		return nil, err
	}
	cookie, err := kernel.Cookie(o.NetNS)
	if err != nil {
		return nil, err
	}
	return undolog.Read(o.runDir(), name, boot, cookie)
}

// unusable tells a log that is put aside.
func unusable(err error) bool {
	var damaged *undolog.DamagedError
	var stranger *undolog.StrangerError
	return errors.As(err, &damaged) || errors.As(err, &stranger)
}

// play brings kernel and state file back, and notes how far it is: it may be killed,
// too.
func (r *Recovery) play(ctx until.Context, o Options, e *undolog.Entry, log *undolog.Log) error {
	sys, err := kernel.Open(o.NetNS, e.Protocol, o.Trace)
	if err != nil {
		return err
	}
	defer sys.Close()
	first := object.NewOwned()
	if e.State != "" {
		if first, err = state.Parse(sysfile.Join(o.runDir(), "undo log"), e.State, sys.NetNS()); err != nil {
			return err
		}
	}
	want, owned := &object.Desired{}, withSteps(first, e.Steps)
	have, err := sys.Observe(ctx, want, owned)
	if err != nil {
		return err
	}
	tables, err := routefile.Recorded(e.Tables)
	if err != nil {
		return err
	}
	r.Left = undoTables(ctx, sys, tables)
	inverses, doubtful := backwards(e, have)
	if err := log.Undo(inverses); err != nil {
		return err
	}
	r.Steps = len(inverses)
	r.Left = append(r.Left, sys.Undo(ctx, inverses, doubtful, undoing(log))...)
	if have, err = sys.Observe(ctx, want, withSteps(owned, inverses)); err != nil {
		return err
	}
	r.Left = append(r.Left, remains(inverses, have)...)
	return state.Save(o.runDir(), sys.NetNS(), settle(first, have))
}

// backwards lists what has to be done to undo what a log says. It is not known of
// the last datagram that was sent whether the kernel got it, nor what it refused: of
// the first doubtful ones of the list there may be nothing to undo.
func backwards(e *undolog.Entry, have *object.Snapshot) (inverses []plan.Step, doubtful int) {
	sure, sent := e.Steps[:e.Done:e.Done], e.Steps[e.Done:e.Sent]
	times := map[object.ID]int{}
	for i := range sent {
		times[sent[i].ID]++
	}
	var unsure []plan.Step
	for i := range sent {
		taken, known := sent[i].Taken(have)
		if !known || taken != e.Undoing || times[sent[i].ID] > 1 {
			unsure = append(unsure, sent[i])
		}
	}
	if e.Undoing {
		return append(unsure, e.Steps[e.Sent:]...), len(unsure)
	}
	inverses = plan.Inverses(append(sure, unsure...))
	return inverses, len(inverses) - len(plan.Inverses(sure))
}

// boottime is the clock of deadlines, in nanoseconds: no change of the date moves
// it, and it goes on while the machine sleeps.
func boottime() (int64, error) {
	var t unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return t.Nano(), err
}
