package vm

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"bootlink/qemu/guest/wire"
)

// agent is the test's end of the conversation with the guest.
type agent struct {
	conn  net.Conn
	ended <-chan struct{}
	greet chan struct{}

	mu      sync.Mutex
	id      int64
	waiting map[int64]chan wire.Response
}

func newAgent(conn net.Conn, ended <-chan struct{}) *agent {
	a := &agent{conn: conn, ended: ended, greet: make(chan struct{}, 1), waiting: map[int64]chan wire.Response{}}
	go a.read()
	return a
}

// read hands each response to the call that waits for it.
func (a *agent) read() {
	lines := bufio.NewReader(a.conn)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r wire.Response
		if json.Unmarshal(line, &r) != nil {
			continue
		}
		if r.Hello == wire.Booted {
			a.greet <- struct{}{}
			continue
		}
		a.mu.Lock()
		answer := a.waiting[r.ID]
		delete(a.waiting, r.ID)
		a.mu.Unlock()
		if answer != nil {
			answer <- r
		}
	}
}

var errEnded = errors.New("the guest has ended (a panic? see its console)")

func (a *agent) hello(ctx context.Context) error {
	select {
	case <-a.greet:
		return nil
	case <-a.ended:
		return errEnded
	case <-ctx.Done():
		return fmt.Errorf("the agent does not speak: %w", ctx.Err())
	}
}

// ask sends a request and waits for its response.
func (a *agent) ask(ctx context.Context, r wire.Request) (wire.Response, error) {
	answer := make(chan wire.Response, 1)
	a.mu.Lock()
	a.id++
	r.ID = a.id
	a.waiting[r.ID] = answer
	line, err := json.Marshal(r)
	if err == nil {
		_, err = a.conn.Write(append(line, '\n'))
	}
	a.mu.Unlock()
	if err != nil {
		return wire.Response{}, err
	}
	select {
	case got := <-answer:
		if got.Fail != "" {
			return got, errors.New(got.Fail)
		}
		return got, nil
	case <-a.ended:
		return wire.Response{}, errEnded
	case <-ctx.Done():
		return wire.Response{}, ctx.Err()
	}
}

// margin lets the guest's own time limit end before the test's, so that the
// command's output so far comes back.
const margin = 2 * time.Second

// seconds is what a context leaves for a command in the guest; 0: no limit.
func seconds(ctx context.Context) float64 {
	end, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return max(1, (time.Until(end) - margin).Seconds())
}
