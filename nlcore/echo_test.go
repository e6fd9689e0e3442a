package nlcore

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// A link that was made without a name or with a pattern: the echo tells both
// its name and its number.
func TestDoEcho(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	echoes, err := c.DoEcho(soon(t), newLink("lan%d", "bridge"))
	if err != nil || len(echoes) != 1 {
		t.Fatalf("%d echoes, %v", len(echoes), err)
	}
	var shown []ipLink
	ipJSON(t, &shown, ns, "link", "show", "type", "bridge")
	e := echoes[0]
	if e.Type != unix.RTM_NEWLINK || linkName(e) != "lan0" || len(shown) != 1 || linkIndex(e) != shown[0].Index {
		t.Errorf("echo of link %q with number %d, ip shows %+v", linkName(e), linkIndex(e), shown)
	}
	if e.PortID != c.PortID() {
		t.Errorf("the echo is signed by port %d", e.PortID)
	}
	if echoes, err = c.DoEcho(soon(t), setMTU("lan0", 1400)); err != nil || len(echoes) != 0 {
		t.Errorf("changes of links have no echo, but here: %d, %v", len(echoes), err)
	}
	if s := c.Stats(); s.Writes != 2 || s.Stray != 0 {
		t.Errorf("counted %+v", s)
	}
}

// Each request's own notification, and none for the one that is refused.
func TestBatchEcho(t *testing.T) {
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(t)})
	rs := routes(routable(t, c), 600)
	rs[410] = rs[409] // refused in the second datagram of 250: it exists
	var got []int
	err := c.BatchEcho(soon(t), rs, func(i int, m Message) {
		is, _ := attrOf(m, unix.SizeofRtMsg, unix.RTA_DST)
		want, _ := attrOf(Message{Body: rs[i].Body}, unix.SizeofRtMsg, unix.RTA_DST)
		if m.Type != unix.RTM_NEWROUTE || !slices.Equal(is.Data, want.Data) {
			t.Errorf("echo %d is of route %v, not %v", i, is.Data, want.Data)
		}
		got = append(got, i)
	})
	var failed *BatchError
	if !errors.As(err, &failed) || len(failed.Failed) != 1 || failed.Failed[0].Index != 410 || failed.Sent != 500 {
		t.Fatalf("got %v", err)
	}
	var want []int
	for i := range 500 {
		if i != 410 {
			want = append(want, i)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("echoes of %v", got)
	}
}

// An echo that is lost is told; it does not look like a kernel without echoes.
func TestLostEcho(t *testing.T) {
	c, _ := newFake(func(sent []Message) []step {
		if sent[0].Flags&unix.NLM_F_ECHO == 0 {
			t.Errorf("flags %#x", sent[0].Flags)
		}
		return []step{{err: unix.ENOBUFS}, one(ack(sent[0], 0))}
	})
	_, err := c.DoEcho(soon(t), newLink("br0", "bridge"))
	var refusal *Error
	if !errors.Is(err, unix.ENOBUFS) || errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
	want := `create link "br0": carried out, but its echo was lost: messages lost: no buffer space available`
	if fmt.Sprint(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
