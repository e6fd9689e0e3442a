package nlcore

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// next gives the next event of a fake subscription.
func next(t *testing.T, s *Subscription) Event {
	t.Helper()
	e, err := s.Next(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// After a loss comes Resync, then only what is younger.
func TestSubscriptionResyncsAfterEachLoss(t *testing.T) {
	c, f := newFake(nil)
	s := &Subscription{c: c}
	losses := map[string]step{
		"overrun":   {err: unix.ENOBUFS},
		"truncated": {b: one(row(0, 1, 0)).b, full: 1 << 16},
		"malformed": {b: one(row(0, 1, 0)).b[:19]},
		"OVERRUN":   one(Message{Type: unix.NLMSG_OVERRUN}),
	}
	for name, loss := range losses {
		f.push(one(row(0, 1, 0), row(0, 2, 0)), loss, one(row(0, 3, 0)), step{err: unix.ENOBUFS}, one(row(0, 4, 0)))
		for want := range 2 {
			if e := next(t, s); e.Resync || binary.NativeEndian.Uint32(e.Body) != uint32(want+1) {
				t.Errorf("%s: event %d is %+v", name, want, e)
			}
		}
		if e := next(t, s); !e.Resync || e.Body != nil {
			t.Errorf("%s: no resync but %+v", name, e)
		}
		f.push(one(row(0, 5, 0)))
		if e := next(t, s); e.Resync || binary.NativeEndian.Uint32(e.Body) != 5 {
			t.Errorf("%s: after the resync %+v", name, e)
		}
	}
	if n := s.Stats(); n.Discarded != 8 || n.Overruns != 6 || n.Truncated != 1 || n.Malformed != 1 {
		t.Errorf("counted %+v", n)
	}
}

func TestSubscriptionIgnoresOtherSenders(t *testing.T) {
	c, f := newFake(nil)
	liar := one(row(0, 1, 0))
	liar.from = 4711
	f.push(liar, one(row(0, 2, 0)))
	if e := next(t, &Subscription{c: c}); binary.NativeEndian.Uint32(e.Body) != 2 {
		t.Errorf("got %+v", e)
	}
}

func TestSubscriptionOutlivesAContext(t *testing.T) {
	c, f := newFake(nil)
	s := &Subscription{c: c}
	for range 100 {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() {
			_, err := s.Next(ctx)
			done <- err
		}()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		f.push(one(row(0, 1, 0)))
		next(t, s)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(context.Background()); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}
