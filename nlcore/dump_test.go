package nlcore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

var allRows = []int{0, 1, 2, 3, 4, 5}

func TestDump(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step { return listing(sent[0].Seq) })
	for range 2 {
		if got, err := rows(t, c, listLinks()); err != nil || !slices.Equal(got, allRows) {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if w := c.Stats().Writes; w != 0 {
		t.Errorf("a dump counted as %d writes", w)
	}
}

// The flag may stand on any message, the last included.
func TestDumpInterruptedAnywhere(t *testing.T) {
	for at := range 7 {
		c, _ := newFake(func(sent []Message) []step {
			seq := sent[0].Seq
			steps := listing(seq)
			flagAt(steps, at, unix.NLM_F_DUMP_INTR)
			return steps
		})
		got, err := rows(t, c, listLinks())
		if !errors.Is(err, ErrDumpInterrupted) {
			t.Errorf("flag on message %d: %v", at, err)
		}
		if !slices.Equal(got, allRows) {
			t.Errorf("flag on message %d: rows %v", at, got)
		}
		if n := c.Stats().Interrupted; n != 1 {
			t.Errorf("flag on message %d: counted %d times", at, n)
		}
	}
}

// flagAt sets a flag on the at-th message of all steps.
func flagAt(steps []step, at int, flag uint16) {
	for _, s := range steps {
		for b := s.b; len(b) > 0; at-- {
			m, rest, _ := cutMessage(b)
			if at == 0 {
				binary.NativeEndian.PutUint16(b[6:], m.Flags|flag)
			}
			b = rest
		}
	}
}

// Whatever goes wrong at whatever read: a dump never ends without an error
// when a row is missing, and the next dump is whole.
func TestDumpHarmedAtEveryRead(t *testing.T) {
	harms := map[string]func(steps []step, k int) []step{
		"overrun before": func(s []step, k int) []step { return slices.Insert(s, k, step{err: unix.ENOBUFS}) },
		"overrun": func(s []step, k int) []step {
			s[k] = step{err: unix.ENOBUFS}
			return s
		},
		"overrun and the rest gone": func(s []step, k int) []step { return append(s[:k:k], step{err: unix.ENOBUFS}) },
		"OVERRUN message": func(s []step, k int) []step {
			s[k] = one(Message{Type: unix.NLMSG_OVERRUN})
			return s
		},
		"truncated": func(s []step, k int) []step {
			s[k].full = readSize + 1
			return s
		},
		"cut short": func(s []step, k int) []step {
			s[k].b = s[k].b[:len(s[k].b)-1]
			return s
		},
		"stump of a header": func(s []step, k int) []step {
			s[k].b = append(s[k].b, 1, 2, 3)
			return s
		},
	}
	for name, harm := range harms {
		for k := range 4 {
			harmed := false
			c, _ := newFake(func(sent []Message) []step {
				if harmed {
					return listing(sent[0].Seq)
				}
				harmed = true
				return harm(listing(sent[0].Seq), k)
			})
			got, err := rows(t, c, listLinks())
			if !errors.Is(err, ErrDumpInterrupted) {
				// Damage behind DONE harms nothing and shows in the next call.
				if k != 3 || err != nil || !slices.Equal(got, allRows) {
					t.Errorf("%s at read %d: %v, %v", name, k, got, err)
				}
			}
			if got, err := rows(t, c, listLinks()); errors.Is(err, ErrDumpInterrupted) && k == 3 {
				continue // that next call
			} else if err != nil || !slices.Equal(got, allRows) {
				t.Errorf("%s at read %d: the next dump: %v, %v", name, k, got, err)
			}
		}
	}
}

func TestDumpAmongForeignAndStray(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		var steps []step
		for _, s := range listing(sent[0].Seq) {
			liar := one(done(sent[0].Seq, 0))
			liar.from = 4711
			steps = append(steps, liar, one(done(sent[0].Seq-1, 0)), one(row(0, 99, 0)), s)
		}
		return steps
	})
	got, err := rows(t, c, listLinks())
	if err != nil || !slices.Equal(got, allRows) {
		t.Errorf("got %v, %v", got, err)
	}
	if s := c.Stats(); s.Foreign != 4 || s.Stray != 8 {
		t.Errorf("counted %d foreign and %d stray, not 4 and 8", s.Foreign, s.Stray)
	}
}

// A datagram that comes twice repeats its rows; one that comes after DONE is
// late, and stray in the next call.
func TestDumpDuplicatedAndReordered(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		s := listing(sent[0].Seq)
		return []step{s[0], s[0], s[2], s[3], s[1], s[3]}
	})
	for range 2 {
		got, err := rows(t, c, listLinks())
		if want := []int{0, 1, 0, 1, 4, 5}; err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
	}
	if n := c.Stats().Stray; n != 3 {
		t.Errorf("counted %d stray, not 3", n)
	}
}

func TestDumpLeftEarly(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		if sent[0].Flags&unix.NLM_F_DUMP == unix.NLM_F_DUMP {
			return listing(sent[0].Seq)
		}
		return acks(yes)(sent)
	})
	for range c.Dump(soon(t), listLinks()) {
		break
	}
	if err := c.Do(soon(t), upLink("x")); err != nil {
		t.Error(err)
	}
	if n := c.Stats().Stray; n != 0 {
		t.Errorf("the rest of our own dump counted as %d stray", n)
	}
}

func TestDumpRefused(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step { return []step{one(ack(sent[0], unix.EOPNOTSUPP))} })
	_, err := rows(t, c, listLinks())
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Errno != unix.EOPNOTSUPP || refusal.Label != "list links" {
		t.Errorf("got %v", err)
	}
}

func TestCollectTriesAgain(t *testing.T) {
	for interruptions := range collectTries + 2 {
		try, restarts := 0, 0
		c, _ := newFake(func(sent []Message) []step {
			steps := listing(sent[0].Seq)
			if try++; try <= interruptions {
				flagAt(steps, 2, unix.NLM_F_DUMP_INTR)
			}
			return steps
		})
		var got []int
		err := c.Collect(soon(t), listLinks(), func(m Message) error {
			got = append(got, int(binary.NativeEndian.Uint32(m.Body)))
			return nil
		}, func() { got, restarts = nil, restarts+1 })
		if interruptions >= collectTries {
			if !errors.Is(err, ErrDumpInterrupted) || try != collectTries {
				t.Errorf("%d interruptions: %v after %d tries", interruptions, err, try)
			}
			continue
		}
		if err != nil || !slices.Equal(got, allRows) || restarts != interruptions {
			t.Errorf("%d interruptions: %v, %v, %d restarts", interruptions, got, err, restarts)
		}
	}
}

func TestCollectEndsWithTheCallersError(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step { return listing(sent[0].Seq) })
	mine := errors.New("enough")
	if err := c.Collect(context.Background(), listLinks(), func(Message) error { return mine }, nil); err != mine {
		t.Errorf("got %v", err)
	}
}

// What the kernel wrote, cut off at every byte: a prefix of the messages and
// an error, or, cut between two messages, no difference.
func TestRecordedDumpCutAnywhere(t *testing.T) {
	whole := recordedDump(t)
	seq := binary.NativeEndian.Uint32(whole[0][8:])
	for cut := range len(whole[0]) {
		c, _ := newFake(func([]Message) []step {
			steps := []step{{b: whole[0][:cut]}}
			for _, b := range whole[1:] {
				steps = append(steps, step{b: b})
			}
			return steps
		})
		c.seq = seq - 1
		err := c.collect(context.Background(), listLinks(), func(Message) error { return nil })
		if between(whole[0], cut) != (err == nil) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

// between tells whether cut is at the edge of a message.
func between(b []byte, cut int) bool {
	for rest := b; len(rest) > 0; {
		if len(b)-len(rest) == cut {
			return true
		}
		_, rest, _ = cutMessage(rest)
	}
	return false
}

// A step of a dump costs no allocation, however many messages there are.
func TestDumpAllocatesNothingPerMessage(t *testing.T) {
	whole := recordedDump(t)
	body := bytes.Join(whole[:len(whole)-1], nil)
	body = body[:min(len(body), readSize)]
	few, many := dumpAllocs(t, body, 1), dumpAllocs(t, body, 200)
	if many > few {
		t.Errorf("200 datagrams cost %v allocations, 1 costs %v", many, few)
	}
}

// dumpAllocs counts the allocations of a dump of n datagrams like b.
func dumpAllocs(t *testing.T, b []byte, n int) float64 {
	t.Helper()
	var last []byte
	steps := make([]step, 0, n+1)
	c, f := newFake(func([]Message) []step { return nil })
	request := listLinks()
	return testing.AllocsPerRun(20, func() {
		seq := c.seq + 1
		last = appendMessage(last[:0], done(seq, 0))
		restamp(b, seq)
		steps = steps[:0]
		for range n {
			steps = append(steps, step{b: b})
		}
		f.steps = append(steps, step{b: last})
		count := 0
		for m, err := range c.Dump(context.Background(), request) {
			if err != nil {
				t.Fatal(err)
			}
			for a, err := range Attrs(m.Body[unix.SizeofIfInfomsg:]) {
				if err != nil {
					t.Fatal(err)
				}
				count += len(a.Data)
			}
		}
		if count == 0 {
			t.Fatal("nothing was read")
		}
	})
}

// restamp gives all messages of b a sequence number.
func restamp(b []byte, seq uint32) {
	for len(b) > 0 {
		_, rest, ok := cutMessage(b)
		if !ok {
			return
		}
		binary.NativeEndian.PutUint32(b[8:], seq)
		b = rest
	}
}
