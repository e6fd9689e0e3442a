package until_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bootlink/nlcore/until"
)

// state gives ctx.Err once all goroutines have come to rest.
func state(ctx until.Context) error {
	synctest.Wait()
	return ctx.Err()
}

func TestCalled(t *testing.T) {
	ctx, call := until.Called()
	if err := ctx.Err(); err != nil {
		t.Errorf("Err before the call gives %v", err)
	}
	call()
	<-ctx.Done()
	if err := ctx.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("Err after the call gives %v", err)
	}
}

func TestNever(t *testing.T) {
	if ctx := until.Never(); ctx.Done() != nil || ctx.Err() != nil {
		t.Errorf("it ends: %v", ctx.Err())
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(callParent, stop func())
	}{
		{"time", func(_, _ func()) { time.Sleep(time.Minute) }},
		{"parent", func(callParent, _ func()) { callParent() }},
		{"stop", func(_, stop func()) { stop() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				parent, callParent := until.Called()
				ctx, stop := until.Within(parent, time.Minute)
				time.Sleep(time.Minute - 1)
				if err := state(ctx); err != nil {
					t.Errorf("before its time: %v", err)
				}
				c.end(callParent, stop)
				if state(ctx) == nil {
					t.Error("it goes on")
				}
				if c.name != "stop" {
					stop()
				}
			})
		})
	}
}

func TestOutlast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, callParent := until.Called()
		long, stop := until.Outlast(parent, time.Minute)
		stopped, stopEarly := until.Outlast(parent, time.Minute)
		time.Sleep(time.Hour)
		if err := state(long); err != nil {
			t.Errorf("with its parent there: %v", err)
		}
		callParent()
		time.Sleep(time.Minute - 1)
		if err := state(long); err != nil {
			t.Errorf("before its time: %v", err)
		}
		stopEarly()
		if state(stopped) == nil {
			t.Error("it goes on when it is stopped")
		}
		time.Sleep(time.Nanosecond)
		if state(long) == nil {
			t.Error("it goes on after its time")
		}
		stop()
	})
}

// TestEmptyEnd: one that is stopped first leaves no goroutine, which synctest sees.
func TestEmptyEnd(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		parent, call := until.Called()
		_, stop := until.Outlast(parent, time.Minute)
		stop()
		call()
	})
}
