package nlcore

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// Recordings are of little-endian machines. An order turns their numbers, so
// that the tests read what a big-endian kernel would have written.
type order struct{ from, to binary.ByteOrder }

// recordedOrder turns recordings into this machine's order: most often nothing.
func recordedOrder() order {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return order{binary.LittleEndian, binary.LittleEndian}
	}
	return order{binary.LittleEndian, binary.BigEndian}
}

func (o order) u16(b []byte, places ...int) {
	for _, at := range places {
		o.to.PutUint16(b[at:], o.from.Uint16(b[at:]))
	}
}

func (o order) u32(b []byte, places ...int) {
	for _, at := range places {
		o.to.PutUint32(b[at:], o.from.Uint32(b[at:]))
	}
}

// A layout says what attributes hold, by the path to them ("18/2"): "nest",
// "text", or "words" of 32 bits. One that it does not name is a nest if it says
// so, else a number if its length is that of one.
type layout map[string]string

func (o order) attrs(b []byte, l layout, path string) {
	for len(b) >= unix.NLA_HDRLEN {
		n, typ := int(o.from.Uint16(b)), o.from.Uint16(b[2:])
		o.u16(b, 0, 2)
		if n < unix.NLA_HDRLEN || n > len(b) {
			return
		}
		here := fmt.Sprint(path, typ&nlaTypeMask)
		what := l[here]
		if what == "" && typ&unix.NLA_F_NESTED != 0 {
			what = "nest"
		}
		o.payload(b[unix.NLA_HDRLEN:n], what, l, here+"/")
		b = b[min(align(n), len(b)):]
	}
}

func (o order) payload(b []byte, what string, l layout, path string) {
	switch {
	case what == "text":
	case what == "nest":
		o.attrs(b, l, path)
	case len(b) == 2:
		o.u16(b, 0)
	case len(b) == 4:
		o.u32(b, 0)
	case len(b) == 8 && what == "words":
		o.u32(b, 0, 4)
	case len(b) == 8:
		o.to.PutUint64(b, o.from.Uint64(b))
	}
}

// header turns a struct nlmsghdr.
func (o order) header(b []byte) {
	o.u32(b, 0, 8, 12)
	o.u16(b, 4, 6)
}

// each turns the headers of a datagram's messages and gives their parts to body.
func (o order) each(b []byte, body func(typ, flags uint16, b []byte)) {
	for len(b) >= unix.NLMSG_HDRLEN {
		n, typ, flags := int(o.from.Uint32(b)), o.from.Uint16(b[4:]), o.from.Uint16(b[6:])
		o.header(b)
		body(typ, flags, b[unix.NLMSG_HDRLEN:n])
		b = b[min(align(n), len(b)):]
	}
}

// links turns a dump of links.
func (o order) links(b []byte) {
	o.each(b, func(typ, _ uint16, b []byte) {
		if typ == unix.NLMSG_DONE {
			o.u32(b, 0)
			return
		}
		o.u16(b, 2)
		o.u32(b, 4, 8, 12)
		o.attrs(b[unix.SizeofIfInfomsg:], layout{"3": "text"}, "")
	})
}

// ackLayout is that of enum nlmsgerr_attrs.
var ackLayout = layout{"1": "text", "4": "nest"}

// ack turns NLMSG_ERROR and NLMSG_DONE.
func (o order) ack(b []byte) {
	o.each(b, func(typ, _ uint16, b []byte) {
		o.u32(b, 0)
		if b = b[4:]; typ == unix.NLMSG_ERROR {
			o.header(b)
			b = b[unix.NLMSG_HDRLEN:]
		}
		o.attrs(b, ackLayout, "")
	})
}

// request turns a request whose attributes come after a header of so many bytes.
func (o order) request(b []byte, header int) {
	o.each(b, func(_, _ uint16, b []byte) { o.attrs(b[align(header):], nil, "") })
}

// recordedAttrs reads attributes that were recorded as hexadecimal digits.
func recordedAttrs(t testing.TB, digits string, l layout) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	recordedOrder().attrs(b, l, "")
	return b
}

// Turned there and back, a recording is what it was, and in between another.
func TestOrderTurnsBothWays(t *testing.T) {
	there, back := order{binary.LittleEndian, binary.BigEndian}, order{binary.BigEndian, binary.LittleEndian}
	turn := func(name string, b []byte, how func(o order, b []byte)) {
		turned := bytes.Clone(b)
		how(there, turned)
		if bytes.Equal(turned, b) {
			t.Errorf("%s is the same in both orders", name)
		}
		if how(back, turned); !bytes.Equal(turned, b) {
			t.Errorf("%s did not come back:\n%s%s", name, hex.Dump(b), hex.Dump(turned))
		}
	}
	for _, file := range ackFiles(t) {
		r := readRecording(t, file)
		turn(file, r.answer, order.ack)
		turn(file, r.request, func(o order, b []byte) { o.request(b, r.header) })
	}
	for _, b := range linkRecording(t) {
		turn("links.bin", b, order.links)
	}
}
