package nlcore

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// bridgeAttrs is what iproute2 6.1 sends, after the fixed header, for
//
//	ip link add br7 mtu 1400 type bridge stp_state 1 vlan_filtering 1 ageing_time 4660
//
// recorded on a little-endian machine with strace -e trace=sendmsg -e write=all.
const bridgeAttrs = "0800040078050000" + "0800030062723700" +
	"2c001200" + "0a0001006272696467650000" +
	"1c000200" + "0800050001000000" + "0500070001000000" + "0800040034120000"

// Ours differ from iproute2's in one thing: nests carry NLA_F_NESTED.
func TestWriterMakesWhatIPMakes(t *testing.T) {
	want := recordedAttrs(t, bridgeAttrs, layout{"3": "text", "18": "nest", "18/1": "text", "18/2": "nest"})
	for _, nest := range []int{16, 32} {
		binary.NativeEndian.PutUint16(want[nest+2:], binary.NativeEndian.Uint16(want[nest+2:])|unix.NLA_F_NESTED)
	}
	w := AttrWriter{}
	w.U32(unix.IFLA_MTU, 1400)
	w.String(unix.IFLA_IFNAME, "br7")
	w.Nest(unix.IFLA_LINKINFO, func() {
		w.Raw(unix.IFLA_INFO_KIND, []byte("bridge")) // iproute2 leaves the NUL out
		w.Nest(unix.IFLA_INFO_DATA, func() {
			w.U32(unix.IFLA_BR_STP_STATE, 1)
			w.U8(unix.IFLA_BR_VLAN_FILTERING, 1)
			w.U32(unix.IFLA_BR_AGEING_TIME, 4660)
		})
	})
	if !bytes.Equal(w.Bytes(), want) {
		t.Errorf("got\n%swant\n%s", hex.Dump(w.Bytes()), hex.Dump(want))
	}
}

func TestWriterAndReaderAgreeOnEveryType(t *testing.T) {
	w := NewAttrWriter([]byte{1, 2, 3})
	w.U8(1, 0xfe)
	w.U16(2, 0xfedc)
	w.U32(3, 0xfedcba98)
	w.U64(4, 0xfedcba9876543210)
	w.S32(5, -2)
	w.Be16(6, 0x1234)
	w.Be32(7, 0x12345678)
	w.String(8, "lan0")
	w.Flag(9)
	w.Raw(10|unix.NLA_F_NET_BYTEORDER, []byte{1, 2, 3, 4, 5})
	w.Nest(11, func() {
		w.Header([]byte{9})
		w.Flag(1)
	})
	var got []Attr
	for a, err := range Attrs(w.Bytes()[4:]) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, a)
	}
	if len(got) != 11 || w.Err() != nil {
		t.Fatalf("%d attributes, %v", len(got), w.Err())
	}
	checkValues(t, got)
	for i, a := range got {
		if int(a.Type) != i+1 || a.Nested != (i == 10) || a.NetOrder != (i == 9) {
			t.Errorf("attribute %d: %+v", i+1, a)
		}
	}
}

func checkValues(t *testing.T, got []Attr) {
	t.Helper()
	equal(t, got[0].Uint8, 0xfe)
	equal(t, got[1].Uint16, 0xfedc)
	equal(t, got[2].Uint32, 0xfedcba98)
	equal(t, got[3].Uint64, 0xfedcba9876543210)
	equal(t, got[4].Int32, -2)
	equal(t, got[5].Be16, 0x1234)
	equal(t, got[6].Be32, 0x12345678)
	if s := got[7].String(); s != "lan0" {
		t.Errorf("string %q", s)
	}
	if !slices.Equal(got[9].Data, []byte{1, 2, 3, 4, 5}) {
		t.Errorf("bytes %x", got[9].Data)
	}
}

func equal[T comparable](t *testing.T, read func() (T, error), want T) {
	t.Helper()
	if got, err := read(); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestReaderRefusesWrongLengths(t *testing.T) {
	for _, n := range []int{0, 3, 5, 7, 9} {
		a := Attr{Type: 1, Data: make([]byte, n)}
		for name, err := range map[string]error{
			"u8": second(a.Uint8()), "u16": second(a.Uint16()), "u32": second(a.Uint32()), "u64": second(a.Uint64()),
			"s8": second(a.Int8()), "s16": second(a.Int16()), "s32": second(a.Int32()), "s64": second(a.Int64()),
			"uint": second(a.Uint()), "sint": second(a.Int()), "be16": second(a.Be16()), "be32": second(a.Be32()),
			"be64": second(a.Be64()), "bitfield32": second(a.Bitfield32()),
		} {
			if !errors.Is(err, unix.EBADMSG) {
				t.Errorf("%s of %d bytes: %v", name, n, err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestReaderRefusesBrokenAttributes(t *testing.T) {
	for name, b := range map[string][]byte{
		"no header":    {8, 0, 1},
		"length below": {3, 0, 1, 0},
		"length above": {9, 0, 1, 0, 1, 2, 3, 4},
	} {
		var last error
		for _, err := range Attrs(b) {
			last = err
		}
		if !errors.Is(last, unix.EBADMSG) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

// The last attribute of a message may lack its padding.
func TestReaderNeedsNoPaddingAtTheEnd(t *testing.T) {
	w := AttrWriter{}
	w.U8(1, 7)
	for a, err := range Attrs(w.Bytes()[:5]) {
		if v, verr := a.Uint8(); err != nil || verr != nil || v != 7 {
			t.Error(v, err, verr)
		}
	}
}

func TestWriterRefusesWhatDoesNotFit(t *testing.T) {
	w := AttrWriter{}
	w.Raw(1, make([]byte, 65531))
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	w.Nest(2, func() {
		for range 9000 {
			w.U32(1, 1)
		}
	})
	w.Raw(3, make([]byte, 70000))
	if !errors.Is(w.Err(), unix.EMSGSIZE) || w.Bytes() != nil {
		t.Errorf("%v, %d bytes", w.Err(), len(w.Bytes()))
	}
	if got, want := w.Err().Error(), "attribute 2: 72004 bytes: message too long"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.Reset([]byte{1})
	if w.Err() != nil || !bytes.Equal(w.Bytes(), []byte{1, 0, 0, 0}) {
		t.Error("Reset does not begin anew")
	}
}
