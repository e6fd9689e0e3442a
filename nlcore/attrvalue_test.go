package nlcore

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// actionAttrs is what tc 6.1 sends, after the four bytes of struct tcamsg, for
//
//	tc actions list action gact
//
// recorded as bridgeAttrs was: an array, of which element 1 has a kind, and a
// bitfield32.
const actionAttrs = "14000100" + "10000100" + "0900010067616374" + "00000000" + "0c000200" + "0100000001000000"

func TestArrayAndBitfieldOfTC(t *testing.T) {
	b := recordedAttrs(t, actionAttrs, layout{"1": "nest", "1/1": "nest", "1/1/1": "text", "2": "words"})
	var kinds []string
	var flags Bitfield32
	for a, err := range Attrs(b) {
		if err == nil && a.Type == 2 { // TCA_ROOT_FLAGS
			flags, err = a.Bitfield32()
		} else if err == nil {
			kinds = elements(a)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(kinds, []string{"1 gact"}) || flags != (Bitfield32{1, 1}) {
		t.Errorf("read %q and %+v", kinds, flags)
	}
}

func TestWriteArray(t *testing.T) {
	var w AttrWriter
	w.Array(9, 3, func(i int) { w.String(1, strings.Repeat("x", i)) })
	a, n, err := CutAttr(w.Bytes(), 0)
	if err != nil || n != len(w.Bytes()) || a.Type != 9 || !a.Nested {
		t.Fatalf("%+v, %v", a, err)
	}
	if got := elements(a); !slices.Equal(got, []string{"1 ", "2 x", "3 xx"}) {
		t.Errorf("wrote %q", got)
	}
}

// elements gives index and first string of each element of an array.
func elements(array Attr) (all []string) {
	for e := range array.Attrs() {
		kind, _, _ := CutAttr(e.Data, 0)
		all = append(all, fmt.Sprint(e.Type, " ", kind.String()))
	}
	return all
}

// Numbers at the ends of their ranges come back from any address.
func TestNumbersNeedNoAlignment(t *testing.T) {
	var w AttrWriter
	w.S8(1, math.MinInt8)
	w.S16(2, math.MinInt16)
	w.S32(3, math.MinInt32)
	w.U64(4, math.MaxUint64-1)
	for shift := range 8 {
		var got []Attr
		for a, err := range Attrs(append(make([]byte, shift), w.Bytes()...)[shift:]) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, a)
		}
		equal(t, got[0].Int8, math.MinInt8)
		equal(t, got[1].Int16, math.MinInt16)
		equal(t, got[2].Int32, math.MinInt32)
		equal(t, got[3].Uint64, math.MaxUint64-1)
	}
}

// written is the one attribute that write writes.
func written(t *testing.T, write func(w *AttrWriter)) Attr {
	t.Helper()
	var w AttrWriter
	write(&w)
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	a, n, err := CutAttr(w.Bytes(), 0)
	if err != nil || n != len(w.Bytes()) {
		t.Fatalf("%x: %v", w.Bytes(), err)
	}
	return a
}

func TestNumbersAsShortAsTheyCanBe(t *testing.T) {
	for v, size := range map[uint64]int{0: 4, math.MaxUint32: 4, math.MaxUint32 + 1: 8, math.MaxUint64: 8} {
		a := written(t, func(w *AttrWriter) { w.Uint(1, v) })
		if equal(t, a.Uint, v); len(a.Data) != size {
			t.Errorf("%d takes %d bytes", v, len(a.Data))
		}
	}
	for v, size := range map[int64]int{0: 4, -1: 4, math.MinInt32: 4, math.MinInt32 - 1: 8, math.MaxInt32 + 1: 8, math.MinInt64: 8} {
		a := written(t, func(w *AttrWriter) { w.Int(1, v) })
		if equal(t, a.Int, v); len(a.Data) != size {
			t.Errorf("%d takes %d bytes", v, len(a.Data))
		}
	}
	equal(t, written(t, func(w *AttrWriter) { w.S64(1, math.MinInt64) }).Int64, math.MinInt64)
	equal(t, written(t, func(w *AttrWriter) { w.Be64(1, 0x0102030405060708) }).Be64, 0x0102030405060708)
	equal(t, written(t, func(w *AttrWriter) { w.Bitfield32(1, Bitfield32{5, 7}) }).Bitfield32, Bitfield32{5, 7})
}

// The flag in the type decides about the order, where there is one.
func TestNetOrderIsHeeded(t *testing.T) {
	const flag = unix.NLA_F_NET_BYTEORDER
	two := written(t, func(w *AttrWriter) { w.Be16(1|flag, 0x0102) })
	four := written(t, func(w *AttrWriter) { w.Be32(1|flag, 0x01020304) })
	eight := written(t, func(w *AttrWriter) { w.Be64(1|flag, 0x0102030405060708) })
	if !two.NetOrder || !four.NetOrder || !eight.NetOrder {
		t.Error("the flag got lost")
	}
	equal(t, two.Uint16, 0x0102)
	equal(t, two.Be16, 0x0102)
	equal(t, four.Uint32, 0x01020304)
	equal(t, four.Int32, 0x01020304)
	equal(t, four.Uint, 0x01020304)
	equal(t, eight.Uint64, 0x0102030405060708)
	equal(t, eight.Int64, 0x0102030405060708)
	if !slices.Equal(four.Data, []byte{1, 2, 3, 4}) {
		t.Errorf("on the wire: %x", four.Data)
	}
}

// 16384 types, and no way to set a flag by accident.
func TestTypesEndAt16383(t *testing.T) {
	equal(t, written(t, func(w *AttrWriter) { w.U32(16383, 1) }).Uint32, 1)
	for name, write := range map[string]func(w *AttrWriter){
		"u32":    func(w *AttrWriter) { w.U32(16384, 1) },
		"s8":     func(w *AttrWriter) { w.S8(0x8001, 1) },
		"be16":   func(w *AttrWriter) { w.Be16(0x8001, 1) },
		"string": func(w *AttrWriter) { w.String(0xffff, "") },
		"flag":   func(w *AttrWriter) { w.Flag(16384) },
		"nest":   func(w *AttrWriter) { w.Nest(16384, func() {}) },
		"array":  func(w *AttrWriter) { w.Array(1, 16384, func(int) {}) },
	} {
		var w AttrWriter
		write(&w)
		if w.Bytes() != nil || !errors.Is(w.Err(), unix.EINVAL) && !errors.Is(w.Err(), unix.EMSGSIZE) {
			t.Errorf("%s: %v", name, w.Err())
		}
	}
	var w AttrWriter
	w.U32(20000, 1)
	if got, want := fmt.Sprint(w.Err()), "attribute type 20000: at most 16383: invalid argument"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStringsWithAndWithoutNUL(t *testing.T) {
	for want, data := range map[string]string{"lan0": "lan0", "lan1": "lan1\x00", "": "\x00", "a": "a\x00b\x00"} {
		if got := (Attr{Data: []byte(data)}).String(); got != want {
			t.Errorf("%q reads as %q", data, got)
		}
	}
	if s := (Attr{}).String(); s != "" {
		t.Errorf("nothing reads as %q", s)
	}
}
