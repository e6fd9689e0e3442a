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

// Err gives the first error. It errors.Is EMSGSIZE.
func (w *AttrWriter) Err() error { return w.err }

// pad fills up to the next multiple of four bytes with zeros.
func (w *AttrWriter) pad() {
	for len(w.b) != align(len(w.b)) {
		w.b = append(w.b, 0)
	}
}

// start appends the header of an attribute; end sets its length.
func (w *AttrWriter) start(typ uint16) (at int) {
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
	at := w.start(typ)
	w.b = append(w.b, v)
	w.end(at)
}

// U16 appends two bytes in host byte order.
func (w *AttrWriter) U16(typ uint16, v uint16) {
	at := w.start(typ)
	w.b = binary.NativeEndian.AppendUint16(w.b, v)
	w.end(at)
}

// U32 appends four bytes in host byte order.
func (w *AttrWriter) U32(typ uint16, v uint32) {
	at := w.start(typ)
	w.b = binary.NativeEndian.AppendUint32(w.b, v)
	w.end(at)
}

// U64 appends eight bytes in host byte order; the kernel does not ask for
// more alignment than four bytes.
func (w *AttrWriter) U64(typ uint16, v uint64) {
	at := w.start(typ)
	w.b = binary.NativeEndian.AppendUint64(w.b, v)
	w.end(at)
}

// S32 appends four bytes in host byte order, with a sign.
func (w *AttrWriter) S32(typ uint16, v int32) { w.U32(typ, uint32(v)) }

// Be16 appends two bytes in network byte order, without NLA_F_NET_BYTEORDER,
// as the kernel's be16 attributes want them.
func (w *AttrWriter) Be16(typ uint16, v uint16) {
	at := w.start(typ)
	w.b = binary.BigEndian.AppendUint16(w.b, v)
	w.end(at)
}

// Be32 appends four bytes in network byte order, without NLA_F_NET_BYTEORDER.
func (w *AttrWriter) Be32(typ uint16, v uint32) {
	at := w.start(typ)
	w.b = binary.BigEndian.AppendUint32(w.b, v)
	w.end(at)
}

// String appends v and a NUL.
func (w *AttrWriter) String(typ uint16, v string) {
	at := w.start(typ)
	w.b = append(append(w.b, v...), 0)
	w.end(at)
}

// Flag appends an attribute without payload.
func (w *AttrWriter) Flag(typ uint16) { w.end(w.start(typ)) }

// Raw appends v as the payload. typ may carry flag bits.
func (w *AttrWriter) Raw(typ uint16, v []byte) {
	at := w.start(typ)
	w.b = append(w.b, v...)
	w.end(at)
}

// Nest appends an attribute with NLA_F_NESTED that holds what fill appends. A
// fixed header inside the nest is written first, with Header.
func (w *AttrWriter) Nest(typ uint16, fill func()) {
	at := w.start(typ | unix.NLA_F_NESTED)
	fill()
	w.end(at)
}

// Header appends bytes that are no attribute, padded to four bytes: the fixed
// structure that some nests begin with (TCA_OPTIONS).
func (w *AttrWriter) Header(v []byte) {
	w.b = append(w.b, v...)
	w.pad()
}
