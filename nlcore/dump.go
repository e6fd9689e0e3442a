package nlcore

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// ErrDumpInterrupted says that the messages of a dump do not form one
// consistent picture: the kernel's objects changed in between
// (NLM_F_DUMP_INTR), or a part was lost (then it also unwraps to the errno).
var ErrDumpInterrupted = errors.New("dump interrupted: the list changed while it was read")

// Dump sends r with NLM_F_DUMP and gives the messages of the answer one by
// one. A message lives until the next step. The error, if any, comes last: an
// *Error for a refusal, ErrDumpInterrupted after the last message of an
// inconsistent dump.
//
// The Conn is taken for as long as the loop runs. When the loop is left early
// the rest of the dump is read away by the next call.
func (c *Conn) Dump(ctx until.Context, r Request) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		if err := c.dump(ctx, &r, yield); err != nil {
			yield(Message{}, err)
		}
	}
}

// dump gives the error that the loop is still to see; nil when it was left.
func (c *Conn) dump(ctx until.Context, r *Request, yield func(Message, error) bool) error {
	end, err := c.begin(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	defer end()
	seq := c.next(1)
	c.add(r, unix.NLM_F_REQUEST|unix.NLM_F_DUMP, seq)
	if err := c.flush(); err != nil {
		return fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	c.unfinished = seq
	return c.stream(ctx, r, &await{in: &c.in, first: seq, n: 1}, yield)
}

// stream hands out the messages of a dump that was asked for.
func (c *Conn) stream(ctx until.Context, r *Request, a *await, yield func(Message, error) bool) error {
	changed := false
	for {
		m, err := a.next()
		if err != nil {
			return c.broken(ctx, r, err)
		}
		changed = changed || m.Flags&unix.NLM_F_DUMP_INTR != 0
		if ends(m) {
			c.unfinished = 0
			return c.closed(r, m, changed, a.lost)
		}
		if !yield(m, nil) {
			return nil
		}
	}
}

// broken names the error that kept a dump from its end.
func (c *Conn) broken(ctx until.Context, r *Request, err error) error {
	if isLoss(err) {
		return c.interrupted(r, err)
	}
	return fmt.Errorf("%s: %w", r.label(c.bus), ended(ctx, err))
}

// closed judges a dump by its last message and by what happened on the way.
func (c *Conn) closed(r *Request, last Message, changed bool, lost error) error {
	if err := c.verdict(r, last); err != nil {
		return err
	}
	if changed || lost != nil {
		return c.interrupted(r, lost)
	}
	return nil
}

// interrupted counts and names an inconsistent dump; lost may be nil.
func (c *Conn) interrupted(r *Request, lost error) error {
	c.n.interrupted.Add(1)
	if lost != nil {
		return fmt.Errorf("%s: %w: %w", r.label(c.bus), ErrDumpInterrupted, lost)
	}
	return fmt.Errorf("%s: %w", r.label(c.bus), ErrDumpInterrupted)
}

// collectTries bounds Collect; the pauses between its tries begin at
// collectPause and double, which makes about an eighth of a second in all.
const (
	collectTries = 8
	collectPause = time.Millisecond
)

// Collect dumps and hands each message to each, which must not keep its Body.
// When the dump was interrupted it calls restart, which must forget what each
// was given, and dumps again, a bounded number of times; then it gives up
// with ErrDumpInterrupted. An error of each ends it at once, unchanged.
func (c *Conn) Collect(ctx until.Context, r Request, each func(Message) error, restart func()) error {
	pause := collectPause
	for try := 1; ; try++ {
		err := c.collect(ctx, r, each)
		if !errors.Is(err, ErrDumpInterrupted) || try == collectTries {
			return err
		}
		if err := until.Sleep(ctx, pause); err != nil {
			return fmt.Errorf("%s: %w", r.label(c.bus), err)
		}
		pause *= 2
		restart()
	}
}

// collect is one try.
func (c *Conn) collect(ctx until.Context, r Request, each func(Message) error) error {
	for m, err := range c.Dump(ctx, r) {
		if err != nil {
			return err
		}
		if err := each(m); err != nil {
			return err
		}
	}
	return nil
}
