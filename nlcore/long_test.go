package nlcore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// longLink makes a link of which the kernel tells in 40 KiB: more than it puts
// into a datagram by itself, and than a read buffer holds.
func longLink(t *testing.T, c *Conn) (names []string) {
	t.Helper()
	if err := c.Do(soon(t), newLink("br0", "bridge")); err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		names = append(names, fmt.Sprintf("%03d%s", i, strings.Repeat("n", 120)))
	}
	for part := range slices.Chunk(names, 20) {
		r := linkRequest(unix.RTM_NEWLINKPROP, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_APPEND, "name link", func(w *AttrWriter) {
			w.String(unix.IFLA_IFNAME, "br0")
			w.Nest(unix.IFLA_PROP_LIST, func() {
				for _, name := range part {
					w.String(unix.IFLA_ALT_IFNAME, name)
				}
			})
		})
		if err := c.Do(soon(t), r); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// altNames are the other names in a link message.
func altNames(m Message) (names []string) {
	list, _ := attrOf(m, unix.SizeofIfInfomsg, unix.IFLA_PROP_LIST)
	for a := range list.Attrs() {
		names = append(names, a.String())
	}
	slices.Sort(names)
	return names
}

// A message longer than the read buffer is noticed; whoever asks again gets it.
func TestMessageLongerThanTheBuffer(t *testing.T) {
	ns := newNamespace(t)
	want := longLink(t, dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}))

	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	m, err := c.Get(soon(t), getLink("br0"))
	if err != nil || len(m.Body) <= readSize || !slices.Equal(altNames(m), want) {
		t.Errorf("get: %d bytes, %v", len(m.Body), err)
	}

	c = dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	r, err := Selection{}.request(unix.RTM_GETLINK)
	if err != nil {
		t.Fatal(err)
	}
	err = c.collect(soon(t), r, func(Message) error { return nil })
	if !errors.Is(err, ErrDumpInterrupted) || !errors.Is(err, unix.EMSGSIZE) {
		t.Errorf("dump: %v", err)
	}
	var got []string
	err = c.Select(soon(t), unix.RTM_GETLINK, Selection{}, func(m Message) error {
		got = append(got, altNames(m)...)
		return nil
	}, func() { got = nil })
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("collect: %d names, %v", len(got), err)
	}
	if n := c.Stats().Truncated; n != 1 {
		t.Errorf("%d truncated", n)
	}
}

// An event that is longer than its place: Resync, and from then on no more.
func TestEventLongerThanTheBuffer(t *testing.T) {
	ns := newNamespace(t)
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	want := longLink(t, c)
	s := subscribe(t, unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_LINK}, Options{NetNS: ns})
	for _, mtu := range []uint32{1400, 1300} {
		if err := c.Do(soon(t), setMTU("br0", mtu)); err != nil {
			t.Fatal(err)
		}
		e := next(t, s)
		if first := mtu == 1400; e.Resync != first || !first && !slices.Equal(altNames(e.Message), want) {
			t.Errorf("mtu %d: resync %v, %d bytes", mtu, e.Resync, len(e.Body))
		}
	}
}

// What a kernel with pages of 16 or 64 KiB may put into a datagram goes through
// a fake, as there is none here: the sizes at which buffers end.
func TestDatagramsOfEverySize(t *testing.T) {
	for _, size := range []int{4096, 8192, 16384, readSize - 4, readSize, readSize + 4, 65536, 1 << 20} {
		tries := 0
		c, _ := newFake(func(sent []Message) []step {
			tries++
			seq := sent[0].Seq
			return []step{one(row(seq, 0, 0)), {b: filled(seq, size)}, one(done(seq, 0))}
		})
		rows := 0
		err := c.Collect(soon(t), listLinks(), func(Message) error {
			rows++
			return nil
		}, func() { rows = 0 })
		want := 1
		if size > readSize {
			want = 2
		}
		if err != nil || rows != 1+size/20 || tries != want {
			t.Errorf("%d bytes: %d rows, %d tries, %v", size, rows, tries, err)
		}
	}
}

// filled is a datagram of so many bytes, full of rows of 20 bytes; the last
// takes what is left.
func filled(seq uint32, size int) (b []byte) {
	for size-len(b) >= 40 {
		b = appendMessage(b, row(seq, 1, 0))
	}
	last := row(seq, 1, 0)
	last.Body = make([]byte, size-len(b)-unix.NLMSG_HDRLEN)
	return appendMessage(b, last)
}
