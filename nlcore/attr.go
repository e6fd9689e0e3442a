package nlcore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"

	"golang.org/x/sys/unix"
)

// nlaTypeMask takes the two flag bits off an attribute's type (NLA_TYPE_MASK).
const nlaTypeMask = ^uint16(unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)

// An Attr is one netlink attribute, read in place; see struct nlattr in
// linux/netlink.h.
type Attr struct {
	Type     uint16 // without the two flag bits
	Nested   bool   // NLA_F_NESTED; the kernel does not set it on every nest
	NetOrder bool   // NLA_F_NET_BYTEORDER
	Data     []byte // payload, without padding; points into the message
}

// Attrs walks the attributes in b. It allocates nothing. Bytes that are no
// whole attribute give an error that errors.Is EBADMSG, and end the walk.
func Attrs(b []byte) iter.Seq2[Attr, error] {
	return func(yield func(Attr, error) bool) { walkAttrs(b, yield) }
}

func walkAttrs(b []byte, yield func(Attr, error) bool) {
	for at := 0; at < len(b); {
		a, n, err := cutAttr(b, at)
		if !yield(a, err) || err != nil {
			return
		}
		at += n
	}
}

// cutAttr gives the attribute at b[at:] and the distance to the next one,
// which for the last may lie beyond b when its padding is left out.
func cutAttr(b []byte, at int) (Attr, int, error) {
	rest := b[at:]
	if len(rest) < unix.NLA_HDRLEN {
		return Attr{}, 0, fmt.Errorf("attribute at byte %d: %d bytes left: %w", at, len(rest), unix.EBADMSG)
	}
	n := int(binary.NativeEndian.Uint16(rest))
	if n < unix.NLA_HDRLEN || n > len(rest) {
		return Attr{}, 0, fmt.Errorf("attribute at byte %d: length %d of %d: %w", at, n, len(rest), unix.EBADMSG)
	}
	t := binary.NativeEndian.Uint16(rest[2:])
	return Attr{
		Type:     t & nlaTypeMask,
		Nested:   t&unix.NLA_F_NESTED != 0,
		NetOrder: t&unix.NLA_F_NET_BYTEORDER != 0,
		Data:     rest[unix.NLA_HDRLEN:n:n],
	}, align(n), nil
}

// need checks the payload's length.
func (a Attr) need(n int) error {
	if len(a.Data) == n {
		return nil
	}
	return fmt.Errorf("attribute %d: %d bytes, not %d: %w", a.Type, len(a.Data), n, unix.EBADMSG)
}

// Uint8 reads a payload of one byte. Any other length is EBADMSG, here and in
// the methods below.
func (a Attr) Uint8() (uint8, error) {
	if err := a.need(1); err != nil {
		return 0, err
	}
	return a.Data[0], nil
}

// Uint16 reads two bytes in host byte order.
func (a Attr) Uint16() (uint16, error) {
	if err := a.need(2); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint16(a.Data), nil
}

// Uint32 reads four bytes in host byte order.
func (a Attr) Uint32() (uint32, error) {
	if err := a.need(4); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint32(a.Data), nil
}

// Uint64 reads eight bytes in host byte order; they need not be aligned.
func (a Attr) Uint64() (uint64, error) {
	if err := a.need(8); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint64(a.Data), nil
}

// Int32 reads four bytes in host byte order, with a sign.
func (a Attr) Int32() (int32, error) {
	v, err := a.Uint32()
	return int32(v), err
}

// Be16 reads two bytes in network byte order.
func (a Attr) Be16() (uint16, error) {
	if err := a.need(2); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint16(a.Data), nil
}

// Be32 reads four bytes in network byte order.
func (a Attr) Be32() (uint32, error) {
	if err := a.need(4); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(a.Data), nil
}

// String gives the payload up to its first NUL, as a copy.
func (a Attr) String() string {
	text, _, _ := bytes.Cut(a.Data, []byte{0})
	return string(text)
}

// Attrs walks the payload as attributes, whether or not Nested is set.
func (a Attr) Attrs() iter.Seq2[Attr, error] { return Attrs(a.Data) }
