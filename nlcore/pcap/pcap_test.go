package pcap

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func u32(v ...uint32) (b []byte) {
	for _, v := range v {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	return b
}

func u16(v ...uint16) (b []byte) {
	for _, v := range v {
		b = binary.NativeEndian.AppendUint16(b, v)
	}
	return b
}

// message is one whose attributes begin after so many bytes of a header.
func message(typ, flags uint16, body ...[]byte) []byte {
	b := slices.Concat(body...)
	return slices.Concat(u32(uint32(16+len(b))), u16(typ, flags), u32(7, 0), b)
}

func attr(typ uint16, data ...[]byte) []byte {
	b := slices.Concat(data...)
	return append(slices.Concat(u16(uint16(4+len(b)), typ), b), make([]byte, (4-len(b)%4)%4)...)
}

// The bytes of a file with two records, by the format's description.
func TestBytes(t *testing.T) {
	file := bytes.NewBuffer(Header(Netlink))
	c := Capture{To: []io.Writer{file}, now: func() time.Time { return time.Unix(0x01020304, 0x05060708) }}
	c.Trace(unix.NETLINK_GENERIC)(true, []byte("datagram"))
	c.Trace(unix.NETLINK_ROUTE)(false, []byte{9})
	want := slices.Concat(
		u32(0xa1b23c4d), u16(2, 4), u32(0, 0, 1<<20, 253),
		u32(0x01020304, 0x05060708, 24, 24), []byte{0, 7, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16}, []byte("datagram"),
		u32(0x01020304, 0x05060708, 17, 17), []byte{0, 6, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, []byte{9},
	)
	if !bytes.Equal(file.Bytes(), want) {
		t.Errorf("got\n%swant\n%s", hex.Dump(file.Bytes()), hex.Dump(want))
	}
}

// lengths gives the lengths of the messages in a file, as captured and as they were.
func lengths(t *testing.T, file []byte) (list [][2]int) {
	t.Helper()
	for file = file[24:]; len(file) > 0; {
		captured, length := binary.NativeEndian.Uint32(file[8:]), binary.NativeEndian.Uint32(file[12:])
		list = append(list, [2]int{int(captured) - 16, int(length) - 16})
		file = file[16+captured:]
	}
	return list
}

// A batch is many records, a datagram of a dump is one, as is what is no message.
func TestMessagesApart(t *testing.T) {
	var r Ring
	see := (&Capture{To: []io.Writer{&r}}).Trace(unix.NETLINK_ROUTE)
	one, two := message(16, 5, make([]byte, 17)), message(17, 5, make([]byte, 600))
	batch := slices.Concat(one, make([]byte, 3), two)
	see(true, batch)
	many := message(16, unix.NLM_F_MULTI, make([]byte, 20))
	see(false, slices.Concat(many, many))
	see(false, []byte("add@/devices/virtual/net/lo"))
	see(false, append(u32(0), make([]byte, 12)...))
	want := [][2]int{{36, 36}, {512, 616}, {72, 72}, {27, 27}, {16, 16}}
	if got := lengths(t, r.File()); !slices.Equal(got, want) {
		t.Errorf("%d; want %d", got, want)
	}
	if got := lengths(t, r.File()); len(got) > 0 {
		t.Errorf("there still is %d", got)
	}
}

// The last 256 are kept, and those before a mark beside those behind it.
func TestRing(t *testing.T) {
	var r Ring
	see := (&Capture{To: []io.Writer{&r}}).Trace(0)
	fill := func(from, to int) {
		for n := from; n < to; n++ {
			see(true, make([]byte, n))
		}
	}
	fill(1, 300)
	if got := lengths(t, r.File()); len(got) != 256 || got[0] != [2]int{44, 44} || got[255] != [2]int{299, 299} {
		t.Errorf("there are %d: %d", len(got), got)
	}
	fill(1, 11)
	r.Mark()
	fill(100, 400)
	if got := lengths(t, r.File()); len(got) != 266 || got[9] != [2]int{10, 10} || got[10] != [2]int{144, 144} || got[265] != [2]int{399, 399} {
		t.Errorf("with the mark there are %d: %d", len(got), got)
	}
	if n := testing.AllocsPerRun(100, func() { see(true, make([]byte, 0, 600)[:600]) }); n > 0 {
		t.Errorf("%v allocations a message", n)
	}
}

// Keys are nowhere in a capture, whichever message they are in.
func TestKeys(t *testing.T) {
	key := bytes.Repeat([]byte("secret!!"), 4)
	public := bytes.Repeat([]byte("public!!"), 4)
	const nested = unix.NLA_F_NESTED
	device := slices.Concat([]byte{1, 1, 0, 0}, attr(unix.WGDEVICE_A_IFNAME, []byte("wg0\x00")), attr(unix.WGDEVICE_A_PRIVATE_KEY, key), attr(unix.WGDEVICE_A_PUBLIC_KEY, public),
		attr(unix.WGDEVICE_A_PEERS|nested,
			attr(0|nested, attr(unix.WGPEER_A_PUBLIC_KEY, public), attr(unix.WGPEER_A_PRESHARED_KEY, key)),
			attr(1|nested, attr(unix.WGPEER_A_PRESHARED_KEY, key), attr(unix.WGPEER_A_PUBLIC_KEY, public))))
	request := message(30, 5, device)
	for name, datagram := range map[string][]byte{
		"request":      request,
		"batch":        slices.Concat(message(16, 5, []byte{3, 1, 0, 0}), request, request),
		"dump":         slices.Concat(message(30, unix.NLM_F_MULTI, device), message(30, unix.NLM_F_MULTI, device)),
		"long refused": message(unix.NLMSG_ERROR, 0, u32(0xffffffff), request),
		"cut":          request[:len(request)-50],
	} {
		var r Ring
		var file bytes.Buffer
		before := bytes.Clone(datagram)
		(&Capture{To: []io.Writer{&file, &r}}).Trace(unix.NETLINK_GENERIC)(true, datagram)
		for _, got := range [][]byte{file.Bytes(), r.File()} {
			if bytes.Contains(got, []byte("secret")) || !bytes.Contains(got, []byte("********public!!")) && !bytes.Contains(got, []byte("wg0")) {
				t.Errorf("%s:\n%s", name, hex.Dump(got))
			}
			if n := bytes.Count(datagram, []byte("public")) - bytes.Count(got, []byte("public")); n != 0 {
				t.Errorf("%s: %d times public are gone", name, n)
			}
		}
		if !bytes.Equal(before, datagram) {
			t.Errorf("%s: the message was changed", name)
		}
	}
}

// Any bytes give whole records.
func FuzzCapture(f *testing.F) {
	f.Add(message(16, 5, attr(3, []byte("x"))), 16)
	f.Add(message(2, 0, u32(0), message(30, 5, attr(8, attr(0, attr(2, make([]byte, 32)))))), 16)
	f.Fuzz(func(t *testing.T, datagram []byte, bus int) {
		var r Ring
		(&Capture{To: []io.Writer{&r}}).Trace(bus&31)(true, datagram)
		total := 0
		for _, n := range lengths(t, r.File()) {
			total += n[1]
		}
		if total != len(datagram) && len(datagram) < 256*16 {
			t.Errorf("%d bytes of %d", total, len(datagram))
		}
	})
}

// A reader that fails gets no more, for half a record would make all that follows
// unreadable; another one goes on.
func TestReaderFails(t *testing.T) {
	short := &shortWriter{room: 40}
	var r Ring
	c := Capture{To: []io.Writer{short, &r}}
	for range 5 {
		c.Trace(0)(true, make([]byte, 8))
	}
	if !errors.Is(c.Err(), unix.ENOSPC) || short.writes != 2 {
		t.Errorf("%v after %d writes", c.Err(), short.writes)
	}
	if n := len(lengths(t, r.File())); n != 5 {
		t.Errorf("the other has %d", n)
	}
}

// A shortWriter has so much room.
type shortWriter struct{ room, writes int }

func (w *shortWriter) Write(b []byte) (int, error) {
	w.writes++
	if len(b) > w.room {
		return 0, unix.ENOSPC
	}
	w.room -= len(b)
	return len(b), nil
}
