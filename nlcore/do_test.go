package nlcore

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDoIgnoresWhatIsNotItsAnswer(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		liar := one(ack(sent[0], unix.EPERM))
		liar.from = 4711
		late := sent[0]
		late.Seq--
		event := one(row(0, 1, 0))
		echo := one(Message{Type: unix.RTM_NEWLINK, Seq: sent[0].Seq})
		return []step{liar, one(ack(late, unix.EPERM)), event, echo, one(ack(sent[0], 0)), one(ack(sent[0], 0))}
	})
	for range 2 {
		if err := c.Do(soon(t), upLink("x")); err != nil {
			t.Error(err)
		}
	}
	s := c.Stats()
	if s.Foreign != 2 || s.Stray != 5 || s.Writes != 2 || s.Sends != 2 {
		t.Errorf("counted %+v", s)
	}
}

// An ack that was lost is an error at once, not a wait for ever.
func TestDoAfterALoss(t *testing.T) {
	full := step{err: unix.ENOBUFS}
	for name, test := range map[string]struct {
		steps func(m Message) []step
		want  error
	}{
		"overrun, the ack is there": {func(m Message) []step { return []step{full, one(ack(m, 0))} }, nil},
		"overrun, the ack is gone":  {func(m Message) []step { return []step{full} }, unix.ENOBUFS},
		"overrun, refused":          {func(m Message) []step { return []step{full, one(ack(m, unix.EEXIST))} }, unix.EEXIST},
		"ack cut short":             {func(m Message) []step { return []step{{b: one(ack(m, 0)).b[:20]}} }, unix.EBADMSG},
		"ack truncated":             {func(m Message) []step { return []step{{b: one(ack(m, 0)).b, full: 1 << 16}} }, unix.EMSGSIZE},
		"success with a bad code": {func(m Message) []step {
			a := ack(m, 0)
			binary.NativeEndian.PutUint32(a.Body, 5)
			return []step{one(a)}
		}, unix.EBADMSG},
	} {
		c, _ := newFake(func(sent []Message) []step { return test.steps(sent[0]) })
		err := c.Do(soon(t), upLink("x"))
		if !errors.Is(err, test.want) || err != nil && !strings.HasPrefix(err.Error(), `set link "x" up: `) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

func TestWarning(t *testing.T) {
	var label, text string
	answer := func(sent []Message) []step {
		a := ack(sent[0], 0)
		a.Flags |= unix.NLM_F_ACK_TLVS
		w := AttrWriter{}
		w.String(unix.NLMSGERR_ATTR_MSG, "that is obsolete")
		a.Body = append(a.Body, w.Bytes()...)
		return []step{one(a)}
	}
	c, _ := newFake(answer)
	c.warn = func(l, s string) { label, text = l, s }
	if err := c.Do(soon(t), upLink("x")); err != nil {
		t.Fatal(err)
	}
	if label != `set link "x" up` || text != "that is obsolete" {
		t.Errorf("warned %q, %q", label, text)
	}
}

func TestGetKeepsItsReply(t *testing.T) {
	c, f := newFake(func(sent []Message) []step {
		return []step{one(row(sent[0].Seq, 7, 0)), one(ack(sent[0], 0))}
	})
	m, err := c.Get(soon(t), getLink("x"))
	if err != nil {
		t.Fatal(err)
	}
	f.push(one(row(0, 8, 0)))
	if _, err := c.Receive(soon(t)); err != nil {
		t.Fatal(err)
	}
	if n := binary.NativeEndian.Uint32(m.Body); n != 7 {
		t.Errorf("the reply became %d", n)
	}
	if w := c.Stats().Writes; w != 0 {
		t.Errorf("counted %d writes", w)
	}
}

func TestGetWithoutReply(t *testing.T) {
	c, _ := newFake(acks(yes))
	if _, err := c.Get(soon(t), getLink("x")); !errors.Is(err, unix.ENODATA) {
		t.Errorf("got %v", err)
	}
}

// A reply that does not fit is asked for again, with a buffer that fits.
func TestGetLargeReply(t *testing.T) {
	body := make([]byte, 3*readSize)
	tries := 0
	c, f := newFake(nil)
	f.answer = func(sent []Message) []step {
		tries++
		reply := one(Message{Type: unix.RTM_NEWLINK, Seq: sent[0].Seq, Body: body})
		if tries == 1 {
			reply = step{b: reply.b[:readSize], full: len(reply.b)}
		}
		return []step{reply, one(ack(sent[0], 0))}
	}
	m, err := c.Get(soon(t), getLink("x"))
	if err != nil || len(m.Body) != len(body) || tries != 2 {
		t.Errorf("%d bytes after %d tries: %v", len(m.Body), tries, err)
	}
	if n := c.Stats().Truncated; n != 1 {
		t.Errorf("counted %d truncated", n)
	}
}

func TestSequenceNumbersSkipZero(t *testing.T) {
	c, _ := newFake(acks(yes))
	c.seq = math.MaxUint32 - 1
	for range 4 {
		if err := c.Do(soon(t), upLink("x")); err != nil {
			t.Fatal(err)
		}
		if c.seq == 0 {
			t.Fatal("a request had sequence number 0")
		}
	}
	c.seq = math.MaxUint32 - 2
	if err := c.Batch(soon(t), make([]Request, 10)); err != nil {
		t.Error(err)
	}
}

// However a context ends, the next call works.
func TestContextEnds(t *testing.T) {
	silent := true
	c, f := newFake(nil)
	f.answer = func(sent []Message) []step {
		if silent {
			return nil
		}
		return acks(yes)(sent)
	}
	for range 200 {
		ctx, cancel := context.WithCancel(context.Background())
		silent = true
		done := make(chan error)
		go func() { done <- c.Do(ctx, upLink("x")) }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		silent = false
		if err := c.Do(soon(t), upLink("x")); err != nil {
			t.Fatal(err)
		}
	}
}

// A call that waits for its turn gives up when its context ends.
func TestTurnEndsWithTheContext(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step { return listing(sent[0].Seq) })
	for range c.Dump(soon(t), listLinks()) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := c.Do(ctx, upLink("x")); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		break
	}
}

func TestCloseEndsAWait(t *testing.T) {
	c, _ := newFake(nil)
	done := make(chan error)
	go func() {
		_, err := c.Receive(context.Background())
		done <- err
	}()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

func TestConcurrentCalls(t *testing.T) {
	c, _ := newFake(acks(yes))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if err := c.Do(soon(t), upLink("x")); err != nil {
					t.Error(err)
				}
				_ = c.Stats()
			}
		})
	}
	all.Wait()
	if s := c.Stats(); s.Writes != 400 || s.Stray != 0 {
		t.Errorf("counted %+v", s)
	}
}
