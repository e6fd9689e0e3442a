package vm

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/guest/wire"
)

// patience bounds what must happen; brief, what must not.
const (
	patience = 30 * time.Second
	brief    = 100 * time.Millisecond
)

// fakeGuest gives an agent's both ends, and the switch that ends the guest.
func fakeGuest(t *testing.T) (a *agent, guest net.Conn, end func()) {
	ours, guest := net.Pipe()
	t.Cleanup(func() { ours.Close(); guest.Close() })
	ended := make(chan struct{})
	return newAgent(ours, ended), guest, func() { close(ended) }
}

func soon(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// asked starts calls and gives what the guest gets to read of them, and where
// their ends come out.
func asked(t *testing.T, a *agent, guest net.Conn, names ...string) (requests []wire.Request, ends chan string) {
	t.Helper()
	ends = make(chan string, len(names))
	ctx := soon(t, patience)
	for _, name := range names {
		go func() {
			r, err := a.ask(ctx, wire.Request{Argv: []string{name}})
			ends <- fmt.Sprintf("%s: %s, %v", name, r.Out, err)
		}()
	}
	lines := bufio.NewReader(guest)
	for range names {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		var r wire.Request
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		requests = append(requests, r)
	}
	return requests, ends
}

// Answers find their calls in whatever order they come; a hello in between,
// and an answer that nobody waits for, do no harm.
func TestAnswersOutOfOrder(t *testing.T) {
	a, guest, _ := fakeGuest(t)
	requests, ends := asked(t, a, guest, "one", "two")
	for _, line := range []string{`{"hello":"booted"}`, `{"hello":"booted"}`, `{"hello":"booted"}`, `{"id":99,"code":0}`} {
		fmt.Fprintln(guest, line)
	}
	for i := len(requests) - 1; i >= 0; i-- {
		fmt.Fprintf(guest, "{\"id\":%d,\"out\":\"for %s\"}\n", requests[i].ID, requests[i].Argv[0])
		if got, want := <-ends, fmt.Sprintf("%s: for %[1]s, <nil>", requests[i].Argv[0]); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
	if err := a.hello(soon(t, patience)); err != nil {
		t.Error(err)
	}
}

// A line that is no answer ends the calls that may have been waiting for it.
func TestGarbledLine(t *testing.T) {
	a, guest, _ := fakeGuest(t)
	_, ends := asked(t, a, guest, "one", "two")
	fmt.Fprintln(guest, "panic: in the agent")
	for range 2 {
		if got := <-ends; !strings.Contains(got, `the agent says "panic: in the agent\n"`) {
			t.Errorf("a call into an agent that speaks no JSON gives %s", got)
		}
	}
}

func TestGuestEnds(t *testing.T) {
	a, guest, end := fakeGuest(t)
	_, ends := asked(t, a, guest, "one")
	end()
	if got := <-ends; got != "one: , the guest has ended" {
		t.Errorf("a call into a guest that ends gives %s", got)
	}
	if err := a.hello(soon(t, patience)); !errors.Is(err, errEnded) {
		t.Errorf("hello of a guest that has ended: %v", err)
	}
}

// A guest that hangs holds nobody up for longer than they are willing to wait,
// be it that it does not read or that it does not answer.
func TestGuestHangs(t *testing.T) {
	a, _, _ := fakeGuest(t)
	if _, err := a.ask(soon(t, brief), wire.Request{Argv: []string{"unread"}}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a request that is not read: %v", err)
	}
	a, guest, _ := fakeGuest(t)
	go bufio.NewReader(guest).ReadBytes('\n')
	if _, err := a.ask(soon(t, brief), wire.Request{Argv: []string{"unanswered"}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a request that is not answered: %v", err)
	}
	if len(a.waiting) != 0 {
		t.Errorf("%d calls are still on the list", len(a.waiting))
	}
}
