package nlcore

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// seeds are bodies that the kernel and we wrote.
func seeds(f *testing.F) (all [][]byte) {
	for _, r := range recordedAcks(f) {
		all = append(all, r.answer.Body, r.request.Body, r.request.Body[r.request.Header:])
	}
	m, _, _ := cutMessage(recordedDump(f)[0])
	return append(all, m.Body, m.Body[unix.SizeofIfInfomsg:])
}

// Attributes that can be read, written again, give the same attributes; where
// the walk ends without an error it has used every byte.
func FuzzAttrs(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		again, used, err := rewrite(b)
		if err == nil && align(used) != align(len(b)) {
			t.Errorf("used %d bytes of %d", used, len(b))
		}
		twice, _, err := rewrite(again)
		if err != nil || !bytes.Equal(twice, again) {
			t.Errorf("%x became %x, then %x, %v", b, again, twice, err)
		}
	})
}

// rewrite reads attributes up to the first broken one and writes them.
func rewrite(b []byte) (out []byte, used int, err error) {
	var w AttrWriter
	for a, err := range Attrs(b) {
		if err != nil {
			return w.Bytes(), used, err
		}
		typ := a.Type
		if a.Nested {
			typ |= unix.NLA_F_NESTED
		}
		if a.NetOrder {
			typ |= unix.NLA_F_NET_BYTEORDER
		}
		w.Raw(typ, a.Data)
		used += align(unix.NLA_HDRLEN + len(a.Data))
	}
	return w.Bytes(), used, nil
}

// An ack gives an errno that Linux can give, a path that leads through the
// request, and a text.
func FuzzAck(f *testing.F) {
	for _, r := range recordedAcks(f) {
		f.Add(r.answer.Type, r.answer.Flags, r.answer.Body, r.request.Body, r.request.Header)
	}
	f.Fuzz(func(t *testing.T, typ, flags uint16, answer, body []byte, header int) {
		x, err := parseAck(Message{Type: typ, Flags: flags, Body: answer})
		if err != nil || x.errno == 0 {
			return
		}
		if x.errno > errnoLimit {
			t.Fatalf("errno %d", x.errno)
		}
		e := newError(0, &Request{Body: body, Header: header}, x)
		if e.Error() == "" {
			t.Error("no text")
		}
		if len(e.Path) > 0 && !leads(body[align(header):], e.Path) {
			t.Errorf("path %v is not in %x", e.Path, body)
		}
	})
}

// leads tells whether attributes nested in b have these types.
func leads(b []byte, path []uint16) bool {
	if len(path) == 0 {
		return true
	}
	for a, err := range Attrs(b) {
		if err == nil && a.Type == path[0] && leads(a.Data, path[1:]) {
			return true
		}
	}
	return false
}

// Messages cut from a datagram lie in it one after the other.
func FuzzMessages(f *testing.F) {
	b := recordedDump(f)[0]
	_, rest, _ := cutMessage(b)
	_, rest, _ = cutMessage(rest)
	f.Add(b[:len(b)-len(rest)])
	f.Fuzz(func(t *testing.T, b []byte) {
		var again []byte
		for rest := b; len(rest) > 0; {
			m, next, ok := cutMessage(rest)
			if !ok {
				break
			}
			again = appendMessage(again, m)
			if len(next) >= len(rest) {
				t.Fatal("no way forward")
			}
			rest = next
		}
		n := min(len(again), len(b))
		if len(again) > align(len(b)) || !sameButPadding(again[:n], b[:n]) {
			t.Errorf("%x became %x", b, again)
		}
	})
}

// sameButPadding compares datagrams message by message.
func sameButPadding(a, b []byte) bool {
	for len(a) > 0 && len(b) > 0 {
		x, arest, ok := cutMessage(a)
		y, brest, ok2 := cutMessage(b)
		if ok != ok2 {
			return false
		}
		if !ok {
			return true
		}
		if x.Type != y.Type || x.Flags != y.Flags || x.Seq != y.Seq || x.PortID != y.PortID || !slices.Equal(x.Body, y.Body) {
			return false
		}
		a, b = arest, brest
	}
	return true
}
