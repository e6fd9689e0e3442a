package rtcfg

import (
	"context"
	"errors"
	"io"
	"sync"
)

// feedLines is how many lines wait for a listener who is slow.
const feedLines = 64

// A feed is an io.Writer of lines to which others may listen.
type feed struct {
	to        io.Writer
	mu        sync.Mutex
	listeners map[chan []byte]bool
}

// Write hands a line on. It waits for nobody: who has too many waiting is dropped.
func (f *feed) Write(line []byte) (int, error) {
	f.mu.Lock()
	for c := range f.listeners {
		select {
		case c <- append([]byte(nil), line...):
		default:
			delete(f.listeners, c)
			close(c)
		}
	}
	f.mu.Unlock()
	return f.to.Write(line)
}

var errSlow = errors.New("you read too slowly")

// copy writes all lines from now on to w, until ctx ends or w fails.
func (f *feed) copy(ctx context.Context, w io.Writer) error {
	c := make(chan []byte, feedLines)
	f.mu.Lock()
	if f.listeners == nil {
		f.listeners = map[chan []byte]bool{}
	}
	f.listeners[c] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.listeners, c)
		f.mu.Unlock()
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, goesOn := <-c:
			if !goesOn {
				return errSlow
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
	}
}
