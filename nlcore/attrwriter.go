package nlcore

import (
	"encoding/binary"
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// An AttrWriter appends attributes to a fixed header. The zero value is ready
// and has no header. The first attribute that does not fit its 16-bit length
// makes an error that Err gives; then Bytes gives nil.
type AttrWriter struct {
	b   []byte
	err error
}

// NewAttrWriter begins with a copy of header, padded to four bytes.
func NewAttrWriter(header []byte) *AttrWriter {
	w := &AttrWriter{b: make([]byte, 0, align(len(header))+128)}
	w.b = append(w.b, header...)
	w.pad()
	return w
}

// Reset begins anew with header and keeps the memory. What Bytes gave before
// is overwritten.
func (w *AttrWriter) Reset(header []byte) {
	w.b, w.err = append(w.b[:0], header...), nil
	w.pad()
}

// Bytes gives header and attributes; nil if there was an error. They are the
// writer's until it is dropped or used again.
func (w *AttrWriter) Bytes() []byte {
	if w.err != nil {
		return nil
	}
	return w.b
}

// Err gives the first error. It errors.Is EMSGSIZE for a length, EINVAL for a
// type.
func (w *AttrWriter) Err() error { return w.err }

// pad fills up to the next multiple of four bytes with zeros.
func (w *AttrWriter) pad() {
	for len(w.b) != align(len(w.b)) {
		w.b = append(w.b, 0)
	}
}

// The flag bits that the type of an attribute may carry.
const (
	noFlags   = uint16(0)
	nestFlag  = uint16(unix.NLA_F_NESTED)
	orderFlag = uint16(unix.NLA_F_NET_BYTEORDER)
)

// start appends the header of an attribute; end sets its length. The type may
// carry these flag bits: there are 16384 types, and one more would be a flag.
func (w *AttrWriter) start(typ, flags uint16) (at int) {
	if typ&^nlaTypeMask&^flags != 0 && w.err == nil {
		w.err = fmt.Errorf("attribute type %d: at most %d: %w", typ, nlaTypeMask, unix.EINVAL)
	}
	at = len(w.b)
	w.b = binary.NativeEndian.AppendUint16(w.b, 0)
	w.b = binary.NativeEndian.AppendUint16(w.b, typ)
	return at
}

// end closes the attribute that began at byte at.
func (w *AttrWriter) end(at int) {
	n := len(w.b) - at
	if n > math.MaxUint16 && w.err == nil {
		w.err = fmt.Errorf("attribute %d: %d bytes: %w",
			binary.NativeEndian.Uint16(w.b[at+2:])&nlaTypeMask, n, unix.EMSGSIZE)
	}
	binary.NativeEndian.PutUint16(w.b[at:], uint16(n))
	w.pad()
}

// U8 appends one byte.
func (w *AttrWriter) U8(typ uint16, v uint8) {
	at := w.start(typ, noFlags)
	w.b = append(w.b, v)
	w.end(at)
}

// U16 appends two bytes in host byte order.
func (w *AttrWriter) U16(typ uint16, v uint16) {
	at := w.start(typ, noFlags)
	w.b = binary.NativeEndian.AppendUint16(w.b, v)
	w.end(at)
}

// U32 appends four bytes in host byte order.
func (w *AttrWriter) U32(typ uint16, v uint32) {
	at := w.start(typ, noFlags)
	w.b = binary.NativeEndian.AppendUint32(w.b, v)
	w.end(at)
}

// U64 appends eight bytes in host byte order; the kernel does not ask for
// more alignment than four bytes.
func (w *AttrWriter) U64(typ uint16, v uint64) {
	at := w.start(typ, noFlags)
	w.b = binary.NativeEndian.AppendUint64(w.b, v)
	w.end(at)
}

// Uint appends four bytes if v fits them, else eight (NLA_UINT, 6.7).
func (w *AttrWriter) Uint(typ uint16, v uint64) {
	if v <= math.MaxUint32 {
		w.U32(typ, uint32(v))
		return
	}
	w.U64(typ, v)
}

// S8 appends one byte with a sign.
func (w *AttrWriter) S8(typ uint16, v int8) { w.U8(typ, uint8(v)) }

// S16 appends two bytes in host byte order, with a sign.
func (w *AttrWriter) S16(typ uint16, v int16) { w.U16(typ, uint16(v)) }

// S32 appends four bytes in host byte order, with a sign.
func (w *AttrWriter) S32(typ uint16, v int32) { w.U32(typ, uint32(v)) }

// S64 appends eight bytes in host byte order, with a sign.
func (w *AttrWriter) S64(typ uint16, v int64) { w.U64(typ, uint64(v)) }

// Int appends four bytes if v fits them, else eight, with a sign (NLA_SINT,
// 6.7).
func (w *AttrWriter) Int(typ uint16, v int64) {
	if v == int64(int32(v)) {
		w.S32(typ, int32(v))
		return
	}
	w.S64(typ, v)
}

// Be16 appends two bytes in network byte order. Most of the kernel's be16
// attributes come without NLA_F_NET_BYTEORDER; typ may carry it where they do
// not.
func (w *AttrWriter) Be16(typ uint16, v uint16) {
	at := w.start(typ, orderFlag)
	w.b = binary.BigEndian.AppendUint16(w.b, v)
	w.end(at)
}

// Be32 appends four bytes in network byte order; see Be16.
func (w *AttrWriter) Be32(typ uint16, v uint32) {
	at := w.start(typ, orderFlag)
	w.b = binary.BigEndian.AppendUint32(w.b, v)
	w.end(at)
}

// Be64 appends eight bytes in network byte order; see Be16.
func (w *AttrWriter) Be64(typ uint16, v uint64) {
	at := w.start(typ, orderFlag)
	w.b = binary.BigEndian.AppendUint64(w.b, v)
	w.end(at)
}

// Bitfield32 appends bits and which of them are meant.
func (w *AttrWriter) Bitfield32(typ uint16, v Bitfield32) {
	at := w.start(typ, noFlags)
	w.b = binary.NativeEndian.AppendUint32(w.b, v.Value)
	w.b = binary.NativeEndian.AppendUint32(w.b, v.Selector)
	w.end(at)
}

// String appends v and a NUL. Some attributes want none; Raw serves those.
func (w *AttrWriter) String(typ uint16, v string) {
	at := w.start(typ, noFlags)
	w.b = append(append(w.b, v...), 0)
	w.end(at)
}

// Flag appends an attribute without payload.
func (w *AttrWriter) Flag(typ uint16) { w.end(w.start(typ, noFlags)) }

// Raw appends v as the payload. typ may carry flag bits.
func (w *AttrWriter) Raw(typ uint16, v []byte) {
	at := w.start(typ, nestFlag|orderFlag)
	w.b = append(w.b, v...)
	w.end(at)
}

// Nest appends an attribute with NLA_F_NESTED that holds what fill appends. A
// fixed header inside the nest is written first, with Header.
func (w *AttrWriter) Nest(typ uint16, fill func()) {
	at := w.start(typ|nestFlag, nestFlag)
	fill()
	w.end(at)
}

// Array appends a nest of n nests, whose types are their indices from 1 on;
// fill appends what is in the i-th, counted from 0.
func (w *AttrWriter) Array(typ uint16, n int, fill func(i int)) {
	w.Nest(typ, func() {
		for i := range n {
			w.Nest(uint16(i+1), func() { fill(i) })
		}
	})
}

// Header appends bytes that are no attribute, padded to four bytes: the fixed
// structure that some nests begin with (TCA_OPTIONS).
func (w *AttrWriter) Header(v []byte) {
	w.b = append(w.b, v...)
	w.pad()
}
