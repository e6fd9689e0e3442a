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

	"golang.org/x/sys/unix"
)

// agent is the test's end of the conversation with the guest.
type agent struct {
	conn  net.Conn
	ended <-chan struct{}
	greet chan struct{}

	writing sync.Mutex // held while a request is written, so that lines do not mix

	mu      sync.Mutex // guards what follows; never held over input or output
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
		if err := json.Unmarshal(line, &r); err != nil {
			a.garbled(fmt.Errorf("the agent says %q: %w", line, err))
			continue
		}
		a.take(r)
	}
}

// take hands a response on; the second hello of an agent that was started
// again, and the answer to a call that has given up, are of no use to anybody.
func (a *agent) take(r wire.Response) {
	if r.Hello == wire.Booted {
		select {
		case a.greet <- struct{}{}:
		default:
		}
		return
	}
	if answer := a.forget(r.ID); answer != nil {
		answer <- r
	}
}

// garbled ends all calls that wait: whose answer the line was, nobody knows.
func (a *agent) garbled(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, answer := range a.waiting {
		delete(a.waiting, id)
		answer <- wire.Response{ID: id, Fail: err.Error()}
	}
}

// forget takes a call off the list of those that wait.
func (a *agent) forget(id int64) chan wire.Response {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := a.waiting[id]
	delete(a.waiting, id)
	return answer
}

var errEnded = errors.New("the guest has ended")

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
	id, answer := a.expect()
	defer a.forget(id)
	r.ID = id
	if err := a.write(ctx, r); err != nil {
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

// expect puts a call on the list of those that wait.
func (a *agent) expect() (int64, chan wire.Response) {
	answer := make(chan wire.Response, 1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.id++
	a.waiting[a.id] = answer
	return a.id, answer
}

// write sends a request. A guest that reads nothing holds it up until the
// context's deadline; half a line is then on its way, and the port is of no
// more use.
func (a *agent) write(ctx context.Context, r wire.Request) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	end, _ := ctx.Deadline() // none: the zero time, which is no limit
	if err := a.conn.SetWriteDeadline(end); err != nil {
		return a.lost(ctx, err)
	}
	if _, err := a.conn.Write(append(line, '\n')); err != nil {
		a.conn.Close()
		return a.lost(ctx, err)
	}
	return nil
}

// lost says why nothing can be written: QEMU's end of the port closes a moment
// before QEMU has ended.
func (a *agent) lost(ctx context.Context, err error) error {
	if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		select {
		case <-a.ended:
		case <-ctx.Done():
		}
	}
	select {
	case <-a.ended:
		return errEnded
	default:
		return fmt.Errorf("the agent takes no request: %w", err)
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
