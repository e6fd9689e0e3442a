package rtcfg

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"bootlink/nlcore/until"
)

// feedLines is how many lines wait for a listener who is slow.
const feedLines = 64

// A Level is how much a line of the log matters, in the numbers of syslog(3).
type Level uint8

// The levels.
const (
	Warning Level = 4
	Info    Level = 6
	Debug   Level = 7
)

// A feed is an io.Writer of lines to which others may listen.
type feed struct {
	to        func(Level, string)
	mu        sync.Mutex
	listeners map[chan string]bool
}

// Write hands on a line of a table.
func (f *feed) Write(line []byte) (int, error) {
	f.hand(Debug, string(line))
	return len(line), nil
}

func (f *feed) say(level Level, format string, args ...any) {
	f.hand(level, "bootlink: "+fmt.Sprintf(format, args...)+"\n")
}

// hand hands a line on. It waits for nobody: who has too many waiting is dropped.
func (f *feed) hand(level Level, line string) {
	f.mu.Lock()
	for c := range f.listeners {
		select {
		case c <- line:
		default:
			delete(f.listeners, c)
			close(c)
		}
	}
	f.mu.Unlock()
	f.to(level, line)
}

var errSlow = errors.New("you read too slowly")

// copy writes all lines from now on to w, until ctx ends or w fails.
func (f *feed) copy(ctx until.Context, w io.Writer) error {
	c := make(chan string, feedLines)
	f.mu.Lock()
	if f.listeners == nil {
		f.listeners = map[chan string]bool{}
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
			if _, err := io.WriteString(w, line); err != nil {
				return err
			}
		}
	}
}
