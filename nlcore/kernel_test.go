package nlcore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Another process may send to our port; the kernel says who it was.
func TestForeignSenderIsDropped(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	liar := newSocketTo(t, ns, c.PortID())
	c.seq = 41
	if err := liar.send(appendMessage(nil, ack(Message{Seq: 42}, unix.EPERM))); err != nil {
		t.Fatal(err)
	}
	if err := c.Do(soon(t), newLink("br0", "bridge")); err != nil {
		t.Error(err)
	}
	if n := c.Stats().Foreign; n != 1 {
		t.Errorf("counted %d foreign", n)
	}
}

// newSocketTo opens a socket that sends to another socket instead of the kernel.
func newSocketTo(t *testing.T, ns string, port uint32) *socket {
	s := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}).t.(*socket)
	s.w.to.Pid = port
	return s
}

func TestStrayReplyIsCounted(t *testing.T) {
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t)})
	if err := c.Send(Message{Type: unix.NLMSG_NOOP, Flags: unix.NLM_F_REQUEST | unix.NLM_F_ACK, Seq: c.seq - 1}); err != nil {
		t.Fatal(err)
	}
	if err := c.Do(soon(t), newLink("br0", "bridge")); err != nil {
		t.Error(err)
	}
	if s := c.Stats(); s.Stray != 1 || s.Writes != 1 {
		t.Errorf("counted %+v", s)
	}
}

func TestRawSendAndReceive(t *testing.T) {
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t)})
	if err := c.Send(Message{Type: unix.NLMSG_NOOP, Flags: unix.NLM_F_REQUEST | unix.NLM_F_ACK, Seq: 77}); err != nil {
		t.Fatal(err)
	}
	m, err := c.Receive(soon(t))
	if err != nil || m.Type != unix.NLMSG_ERROR || m.Seq != 77 || m.PortID != c.PortID() {
		t.Errorf("got %+v, %v", m, err)
	}
	if w := c.Stats().Writes; w != 0 {
		t.Errorf("a raw message counted as %d writes", w)
	}
}

// A bus that never answers, and one that waits for nothing in particular:
// the deadline ends the wait, and the socket is as good as before.
func TestDeadlines(t *testing.T) {
	ns := newNamespace(t)
	fib := dial(t, unix.NETLINK_FIB_LOOKUP, Options{NetNS: ns})
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	for i := range 20 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		if _, err := fib.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if _, err := c.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		cancel()
		if err := c.Do(soon(t), newLink(fmt.Sprintf("b%d", i), "bridge")); err != nil {
			t.Fatal(err)
		}
	}
	waiting, cancel := context.WithCancel(context.Background())
	var both sync.WaitGroup
	both.Go(func() {
		if _, err := c.Receive(waiting); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	cancel()
	both.Wait()
	if _, err := c.Ping(soon(t)); err != nil {
		t.Error(err)
	}
}

func TestCloseEndsARealWait(t *testing.T) {
	c, err := Dial(unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := c.Receive(context.Background())
		done <- err
	}()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, os.ErrClosed) {
		t.Errorf("receive: %v", err)
	}
	if err := c.Send(Message{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("send: %v", err)
	}
	if err := c.Do(context.Background(), upLink("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("do: %v", err)
	}
}

func TestPing(t *testing.T) {
	ns := newNamespace(t)
	for _, bus := range []int{unix.NETLINK_ROUTE, unix.NETLINK_GENERIC, unix.NETLINK_NETFILTER} {
		d, err := dial(t, bus, Options{NetNS: ns}).Ping(soon(t))
		if err != nil || d <= 0 || d > time.Second {
			t.Errorf("bus %d: %v, %v", bus, d, err)
		}
	}
	_, err := dial(t, unix.NETLINK_USERSOCK, Options{NetNS: ns}).Ping(soon(t))
	var lacks *UnsupportedError
	if !errors.As(err, &lacks) || !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("usersock: %v", err)
	}
}

func TestTraceSeesBothSides(t *testing.T) {
	var seen [2][]byte
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t), Trace: func(out bool, b []byte) {
		if out {
			seen[0] = bytes.Clone(b)
		} else {
			seen[1] = bytes.Clone(b)
		}
	}})
	r := newLink("br0", "bridge")
	if err := c.Do(soon(t), r); err != nil {
		t.Fatal(err)
	}
	sent, _, ok := cutMessage(seen[0])
	if !ok || sent.Type != r.Type || !bytes.Equal(sent.Body, r.Body) {
		t.Errorf("sent %+v", sent)
	}
	if answer, _, ok := cutMessage(seen[1]); !ok || answer.Type != unix.NLMSG_ERROR || answer.Seq != sent.Seq {
		t.Errorf("received %+v", answer)
	}
}
