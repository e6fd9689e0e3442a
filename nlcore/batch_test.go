package nlcore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// numbered makes n requests that differ in their type, labelled "step 0" …
func numbered(n int) []Request {
	rs := make([]Request, n)
	for i := range rs {
		rs[i] = Request{Type: uint16(i), Label: fmt.Sprintf("step %d", i)}
	}
	return rs
}

func TestBatchOrderAndPacking(t *testing.T) {
	var got []uint16
	var datagrams []int
	c, _ := newFake(func(sent []Message) []step {
		datagrams = append(datagrams, len(sent))
		for i, m := range sent {
			got = append(got, m.Type)
			if last := i == len(sent)-1; last != (m.Flags&unix.NLM_F_ACK != 0) {
				t.Errorf("message %d of %d: flags %#x", i, len(sent), m.Flags)
			}
		}
		return acks(yes)(sent)
	})
	if err := c.Batch(soon(t), numbered(2500)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(datagrams, []int{1000, 1000, 500}) {
		t.Errorf("packed as %v", datagrams)
	}
	for i, typ := range got {
		if int(typ) != i {
			t.Fatalf("message %d came as number %d", typ, i)
		}
	}
	if w := c.Stats().Writes; w != 2500 {
		t.Errorf("counted %d writes", w)
	}
}

func TestBatchPacksByLength(t *testing.T) {
	var datagrams []int
	c, _ := newFake(func(sent []Message) []step {
		datagrams = append(datagrams, len(sent))
		return acks(yes)(sent)
	})
	rs := numbered(4)
	for i, n := range []int{batchBytes - 100, 50, 100, 2 * batchBytes} {
		rs[i].Body = make([]byte, n)
	}
	if err := c.Batch(soon(t), rs); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(datagrams, []int{2, 1, 1}) {
		t.Errorf("packed as %v", datagrams)
	}
}

// Messages fail on both sides of each edge: the error names the one that did, and what follows in later
// datagrams is never sent.
func TestBatchFailsAt(t *testing.T) {
	const n = 2003
	for _, k := range []int{0, 1, 500, 998, 999, 1000, 1001, 1998, 1999, 2000, 2001, 2002} {
		seen := 0
		c, _ := newFake(func(sent []Message) []step {
			seen += len(sent)
			return acks(func(m Message) unix.Errno {
				if int(m.Type) == k {
					return unix.EEXIST
				}
				return 0
			})(sent)
		})
		err := c.Batch(context.Background(), numbered(n))
		var batch *BatchError
		var refusal *Error
		if !errors.As(err, &batch) || !errors.As(err, &refusal) {
			t.Fatalf("%d: %v", k, err)
		}
		if refusal.Index != k || refusal.Label != fmt.Sprintf("step %d", k) || refusal.Errno != unix.EEXIST {
			t.Errorf("%d: %+v", k, refusal)
		}
		if want := min((k/1000+1)*1000, n); batch.Sent != want || seen != want || len(batch.Failed) != 1 {
			t.Errorf("%d: %d sent, %d seen, %d failed", k, batch.Sent, seen, len(batch.Failed))
		}
	}
}

func TestBatchErrorText(t *testing.T) {
	c, _ := newFake(acks(func(m Message) unix.Errno {
		if m.Type%2 == 1 {
			return unix.EEXIST
		}
		return 0
	}))
	err := c.Batch(soon(t), numbered(6))
	const want = "step 1 (message 2 of 6): file exists (and 2 more)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if !errors.Is(err, unix.EEXIST) {
		t.Error("does not unwrap to the errno")
	}
}

// With the last answer lost the first refusal is still told, and the doubt.
func TestBatchLosesAnswers(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		return []step{{err: unix.ENOBUFS}, one(ack(sent[1], unix.EEXIST))}
	})
	err := c.Batch(soon(t), numbered(5))
	var batch *BatchError
	if !errors.As(err, &batch) || len(batch.Failed) != 1 || batch.Failed[0].Index != 1 {
		t.Fatalf("got %v", err)
	}
	if !errors.Is(batch.Cause, unix.ENOBUFS) || !errors.Is(err, unix.ENOBUFS) || !errors.Is(err, unix.EEXIST) {
		t.Errorf("got %v, cause %v", err, batch.Cause)
	}
	const want = "step 1 (message 2 of 5): file exists; then: messages lost: no buffer space available"
	if err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// An overrun that cost none but possibly a refusal is not success.
func TestBatchOverrunIsNoSuccess(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		return []step{{err: unix.ENOBUFS}, one(ack(sent[4], 0))}
	})
	if err := c.Batch(soon(t), numbered(5)); !errors.Is(err, unix.ENOBUFS) {
		t.Errorf("got %v", err)
	}
}

func TestBatchAnswersOutOfOrder(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		return []step{one(ack(sent[3], unix.EINVAL), ack(sent[1], unix.EEXIST)), one(ack(sent[4], 0))}
	})
	var batch *BatchError
	if err := c.Batch(soon(t), numbered(5)); !errors.As(err, &batch) {
		t.Fatalf("got %v", err)
	}
	var got []int
	for _, f := range batch.Failed {
		got = append(got, f.Index)
	}
	if !slices.Equal(got, []int{1, 3}) {
		t.Errorf("failed %v", got)
	}
}

func TestBatchWithEndedContext(t *testing.T) {
	c, f := newFake(nil)
	ctx, cancel := context.WithCancel(context.Background())
	f.answer = func(sent []Message) []step {
		cancel()
		return acks(yes)(sent)
	}
	err := c.Batch(ctx, numbered(1500))
	var batch *BatchError
	if !errors.As(err, &batch) || batch.Sent != 1000 || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if want := "batch of 1500 messages, 1000 sent: context canceled"; err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestEmptyBatch(t *testing.T) {
	c, _ := newFake(nil)
	if err := c.Batch(soon(t), nil); err != nil {
		t.Error(err)
	}
}
