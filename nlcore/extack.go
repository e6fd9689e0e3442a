package nlcore

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// An extAck is what an NLMSG_ERROR or NLMSG_DONE says. Offsets are in bytes
// from the request's nlmsghdr; 0 is none.
type extAck struct {
	errno    unix.Errno // 0: an ack
	text     string     // NLMSGERR_ATTR_MSG
	offset   int        // NLMSGERR_ATTR_OFFS
	missing  uint16     // NLMSGERR_ATTR_MISS_TYPE
	missNest int        // NLMSGERR_ATTR_MISS_NEST
	allowed  string     // NLMSGERR_ATTR_POLICY in words
}

// errnoLimit is the kernel's MAX_ERRNO.
const errnoLimit = 4095

// parseAck reads m, of type NLMSG_ERROR or NLMSG_DONE. A body that cannot be
// read is EBADMSG; attributes that cannot be read only cost their words.
func parseAck(m Message) (extAck, error) {
	b := m.Body
	if m.Type == unix.NLMSG_DONE && len(b) == 0 {
		return extAck{}, nil // lists that are no dump (devlink) end without a code
	}
	if len(b) < 4 {
		return extAck{}, fmt.Errorf("ack of %d bytes: %w", len(b), unix.EBADMSG)
	}
	code := int32(binary.NativeEndian.Uint32(b))
	if code < -errnoLimit || code > 0 && m.Type == unix.NLMSG_ERROR {
		return extAck{}, fmt.Errorf("ack with code %d: %w", code, unix.EBADMSG)
	}
	var x extAck
	if code < 0 {
		x.errno = unix.Errno(-code)
	}
	if m.Flags&unix.NLM_F_ACK_TLVS != 0 {
		x.attrs(ackAttrs(m))
	}
	return x, nil
}

// ackAttrs gives the part of an ack that holds its attributes: after the code
// in DONE; in ERROR after the request's header, and after its body as well
// unless the kernel says that it left that out (NLM_F_CAPPED).
func ackAttrs(m Message) []byte {
	at := 4
	if m.Type == unix.NLMSG_ERROR {
		if len(m.Body) < 4+unix.NLMSG_HDRLEN {
			return nil
		}
		at += unix.NLMSG_HDRLEN
		if m.Flags&unix.NLM_F_CAPPED == 0 {
			n := binary.NativeEndian.Uint32(m.Body[4:])
			if n < unix.NLMSG_HDRLEN || uint64(n) > uint64(len(m.Body)) {
				return nil
			}
			at += align(int(n)) - unix.NLMSG_HDRLEN
		}
	}
	if at > len(m.Body) {
		return nil
	}
	return m.Body[at:]
}

// attrs reads the attributes that it knows.
func (x *extAck) attrs(b []byte) {
	for a, err := range Attrs(b) {
		if err != nil {
			return
		}
		switch a.Type {
		case unix.NLMSGERR_ATTR_MSG:
			x.text = a.String()
		case unix.NLMSGERR_ATTR_OFFS:
			x.offset = offsetOf(a)
		case nlmsgerrAttrMissType:
			v, _ := a.Uint32()
			x.missing = uint16(v)
		case nlmsgerrAttrMissNest:
			x.missNest = offsetOf(a)
		case nlmsgerrAttrPolicy:
			x.allowed = policyWords(a)
		}
	}
}

// offsetOf reads an offset; one that no message can have counts as none.
func offsetOf(a Attr) int {
	v, err := a.Uint32()
	if err != nil || v > 1<<30 {
		return 0
	}
	return int(v)
}

// attrPath walks to the attribute at byte off of body, whose attributes begin
// after header bytes, and gives the types on the way. An offset that meets no
// attribute's first byte gives the attribute that holds it; one before the
// first attribute gives nil.
func attrPath(body []byte, header, off int) []uint16 {
	at := align(header)
	if header < 0 || at > len(body) {
		return nil
	}
	path, _ := pathTo(body[at:], off-at)
	return path
}

// pathTo is attrPath among the attributes b. A payload without NLA_F_NESTED
// counts as a nest only if off then meets an attribute's first byte (exact).
func pathTo(b []byte, off int) (path []uint16, exact bool) {
	a, start, ok := attrAt(b, off)
	if !ok {
		return nil, false
	}
	if off == start {
		return []uint16{a.Type}, true
	}
	inner, exact := pathTo(a.Data, off-start-unix.NLA_HDRLEN)
	if !exact && !a.Nested {
		inner = nil
	}
	return append([]uint16{a.Type}, inner...), exact
}

// attrAt finds the attribute of b that covers byte off, and where it starts.
func attrAt(b []byte, off int) (a Attr, start int, ok bool) {
	for off >= 0 && start < len(b) {
		a, n, err := CutAttr(b, start)
		if err != nil {
			return Attr{}, 0, false
		}
		if off < start+n {
			return a, start, true
		}
		start += n
	}
	return Attr{}, 0, false
}
