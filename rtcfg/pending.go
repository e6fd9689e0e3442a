package rtcfg

import (
	"errors"
	"fmt"
	"time"

	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/undolog"
)

// PendingError: a change waits for its confirm, so that no other is taken.
type PendingError struct{ Left time.Duration }

// Error says what may be done, and how long.
func (e *PendingError) Error() string {
	return fmt.Sprintf("the last change waits for a confirm, for %v: bootlink confirm keeps it, bootlink rollback undoes it", e.Left.Round(time.Second))
}

// Why nothing is kept or undone.
var (
	errNothing = errors.New("there is no change to undo: nothing was applied since the boot, or it was undone already")
	errTooLate = errors.New("too late: the time for the confirm is over, and the change is being undone")
)

// pendingTime gives how long a change still waits for its confirm, nil if none
// does.
func pendingTime(o Options) (*time.Duration, error) {
	e, err := readLog(o, undolog.Pending)
	if unusable(err) {
		return new(time.Duration), nil // who rolls it back puts it aside
	}
	if e == nil || err != nil {
		return nil, err
	}
	now, err := boottime()
	left := time.Duration(e.Deadline - now)
	return &left, err
}

// Confirm keeps the change that waits for it. kept tells whether there was one; an
// error beside it is why a boot would not find its configuration.
func Confirm(o Options) (kept bool, err error) {
	unlock, err := lock(o.runDir())
	defer unlock()
	if err != nil {
		return false, err
	}
	left, err := pendingTime(o)
	if err != nil || left == nil {
		return false, err
	}
	if *left <= 0 {
		return false, errTooLate
	}
	e, err := readLog(o, undolog.Pending)
	if err == nil {
		err = o.pardon(e.Sum) // first: else a boot would not take what was confirmed
	}
	if err == nil {
		err = sysfile.Move(sysfile.Join(o.runDir(), undolog.Pending), sysfile.Join(o.runDir(), undolog.Last))
	}
	if err != nil {
		return false, err
	}
	if want, err := Load(e.File); err == nil && want.Sum == e.Sum { // it still has what was applied
		return true, o.good(want)
	}
	return true, nil
}

// Rollback undoes the change that waits for a confirm, or else the last one.
func Rollback(ctx until.Context, o Options) (*Recovery, error) {
	unlock, locked := lock(o.runDir())
	defer unlock()
	for _, log := range [...]struct{ name, why string }{
		{undolog.Open, "the last apply was killed"}, {undolog.Pending, "rolled back"}, {undolog.Last, "rolled back"},
	} {
		r, err := rollBack(ctx, o, log.name, log.why, locked)
		if r != nil || err != nil {
			return r, err
		}
	}
	return nil, errNothing
}

// rollBack plays a log back whose change was whole, and notes first that no boot
// takes its configuration.
func rollBack(ctx until.Context, o Options, name, why string, locked error) (*Recovery, error) {
	var unnoted error
	if e, _ := readLog(o, name); e != nil && e.Sum != 0 && name != undolog.Open {
		unnoted = o.refuse(refusal{e.Sum, why})
	}
	r, err := playBack(ctx, o, name, why, locked)
	if r != nil {
		r.Unnoted = unnoted
	}
	if r != nil && err == nil {
		err = undolog.Remove(o.runDir(), undolog.Last) // is not the last any more
	}
	return r, err
}

// Keep is the keeper's work. It waits for the end of an apply, and then until its
// change is confirmed or the time for that is over, and undoes it then; or at
// once if the apply was killed. applying tells whether the apply still goes on. nil:
// there was nothing to undo.
func Keep(ctx until.Context, o Options, applying func() bool) (*Recovery, error) {
	for {
		goesOn := applying() // asked first: its end leaves a log, or nothing
		r, err := Recover(ctx, o)
		var pending *PendingError
		if waits := errors.As(err, &pending); r != nil || err != nil && !waits || !waits && !goesOn {
			return r, err
		}
		if err := until.Sleep(ctx, keeperPause); err != nil {
			return nil, err
		}
	}
}

// keeperPause is how often the keeper looks. It does not sleep until the deadline:
// the clock of timers stands still while the machine sleeps, and a confirm ends its
// work.
const keeperPause = 200 * time.Millisecond
