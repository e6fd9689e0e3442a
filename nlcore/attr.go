package nlcore

import (
	"encoding/binary"
	"fmt"
	"iter"
	"strings"

	"golang.org/x/sys/unix"
)

// nlaTypeMask takes the two flag bits off an attribute's type (NLA_TYPE_MASK).
const nlaTypeMask = ^uint16(unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)

// An Attr is one netlink attribute, read in place; see struct nlattr in
// linux/netlink.h. One that a program does not know is still whole: Type and
// Data can be kept and written again with AttrWriter.Raw.
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
		a, n, err := CutAttr(b, at)
		if !yield(a, err) || err != nil {
			return
		}
		at += n
	}
}

// CutAttr gives the attribute at b[at:] and the distance to the next one,
// which for the last may lie beyond b when its padding is left out. For loops that
// cannot afford [Attrs].
func CutAttr(b []byte, at int) (Attr, int, error) {
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

// String gives the payload up to its first NUL, as a copy.
func (a Attr) String() string {
	text, _, _ := strings.Cut(string(a.Data), "\x00")
	return text
}

// Attrs walks the payload as attributes, whether or not Nested is set. Of an
// array of nests (NLA_NESTED_ARRAY) they are the elements, whose Type is the
// index, from 0 or 1 on as the bus has it.
func (a Attr) Attrs() iter.Seq2[Attr, error] { return Attrs(a.Data) }
