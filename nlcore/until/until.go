// Package until has contexts and pauses for a program that must be small: package
// context's own, once one of them can be cancelled, take 17 KB of an ARM binary.
package until

import (
	"context"
	"time"
)

// A Context says when a call is to end. Each context.Context is one; its deadline
// and its values are nothing that we ask for, and the time in its method set would
// keep all that can print a time in the binary (28 KB).
type Context interface {
	Done() <-chan struct{} // closed at the end; nil: there is none
	Err() error            // nil until the end
}

// ended is a context that ends with its channel.
type ended <-chan struct{}

// Done gives the channel.
func (e ended) Done() <-chan struct{} { return e }

// Err is [context.Canceled] from the end on.
func (e ended) Err() error {
	select {
	case <-e:
		return context.Canceled
	default:
		return nil
	}
}

// Never gives a context that does not end.
func Never() Context { return ended(nil) }

// Called gives a context that ends when call is called, once.
func Called() (ctx Context, call func()) {
	end := make(chan struct{})
	return ended(end), func() { close(end) }
}

// Within gives a context that ends with ctx, or after d. stop must be called,
// once; it ends it too.
func Within(ctx Context, d time.Duration) (bounded Context, stop func()) {
	bounded, call := Called()
	stopped, stop := Called()
	late, expire := Called()
	timer := time.AfterFunc(d, expire)
	go func() {
		defer call()
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-late.Done():
		case <-stopped.Done():
		}
	}()
	return bounded, stop
}

// Sleep waits for d. The error is that of ctx, if it ends before.
func Sleep(ctx Context, d time.Duration) error {
	short, stop := Within(ctx, d)
	defer stop()
	<-short.Done()
	return ctx.Err()
}

// Every gives something each time that d has passed, until ctx ends. Who does not
// take it in time has it once.
func Every(ctx Context, d time.Duration) <-chan struct{} {
	tick := make(chan struct{}, 1)
	go func() {
		for Sleep(ctx, d) == nil {
			select {
			case tick <- struct{}{}:
			default:
			}
		}
	}()
	return tick
}

// Outlast gives a context that ends d after ctx has. stop must be called, once;
// it ends it too.
func Outlast(ctx Context, d time.Duration) (longer Context, stop func()) {
	longer, call := Called()
	stopped, stop := Called()
	go func() {
		defer call()
		select {
		case <-ctx.Done():
		case <-stopped.Done():
			return
		}
		_ = Sleep(stopped, d)
	}()
	return longer, stop
}
