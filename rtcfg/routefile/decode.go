package routefile

import (
	"encoding/binary"
	"errors"

	"bootlink/nlcore"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// A shape says what a route message is to a set of routes.
type shape uint8

const (
	foreign shape = iota // of another table, protocol or family, or a cached clone
	plain                // a record holds all of it
	odd                  // more than a record; what is in the record is true
)

// dump hands the kernel's routes of a set to each, as bodies that live until
// each returns. A table or a family that the kernel does not have is empty.
func dump(ctx until.Context, conn *nlcore.Conn, family uint8, s nlcore.RouteSet, each func([]byte), restart func()) error {
	header := [unix.SizeofRtMsg]byte{0: family, 5: s.Protocol}
	w := nlcore.NewAttrWriter(header[:])
	w.U32(unix.RTA_TABLE, s.Table)
	r := nlcore.Request{Type: unix.RTM_GETROUTE, Body: w.Bytes(), Header: len(header), Label: "list routes"}
	err := conn.Collect(ctx, r, func(m nlcore.Message) error {
		if m.Type == unix.RTM_NEWROUTE {
			each(m.Body)
		}
		return nil
	}, restart)
	for _, none := range []unix.Errno{unix.ENOENT, unix.EAFNOSUPPORT, unix.EOPNOTSUPP} {
		if errors.Is(err, none) {
			return nil
		}
	}
	return err
}

// ownFlags are the bits of rtm_flags that tell what a route is; the others tell
// how it does.
const ownFlags = unix.RTNH_F_ONLINK | unix.RTNH_F_PERVASIVE

// decode reads the body of a route message of r's family. A set with protocol 0
// is of any.
func (r *route) decode(b []byte, s nlcore.RouteSet) shape {
	if len(b) < unix.SizeofRtMsg || b[0] != r.family() || s.Protocol != 0 && b[5] != s.Protocol {
		return foreign
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	if flags&unix.RTM_F_CLONED != 0 {
		return foreign
	}
	*r = route{six: r.six, bits: b[1], tos: b[3], typ: b[7]}
	if !r.six {
		r.scope = b[6]
	}
	table, found := uint32(b[4]), plain
	if flags&ownFlags != 0 || b[2] != 0 {
		found = odd
	}
	for a := b[unix.SizeofRtMsg:]; len(a) >= unix.SizeofRtAttr; {
		n := int(binary.NativeEndian.Uint16(a))
		if n < unix.SizeofRtAttr || n > len(a) {
			return foreign
		}
		typ, data := binary.NativeEndian.Uint16(a[2:]), a[unix.SizeofRtAttr:n]
		if typ == unix.RTA_TABLE && len(data) == 4 {
			table = binary.NativeEndian.Uint32(data)
		} else if !r.assign(typ, data) {
			found = odd
		}
		a = a[min((n+3)&^3, len(a)):]
	}
	if table != s.Table {
		return foreign
	}
	return found
}

// assign is false for an attribute that a route has no room for. It passes over
// what every IPv6 route has: its age, and the preference "medium", which is 0.
func (r *route) assign(typ uint16, data []byte) bool {
	size := 4
	if r.six {
		size = 16
	}
	switch {
	case typ == unix.RTA_DST && len(data) == size:
		r.to = wordsOf(data)
	case typ == unix.RTA_GATEWAY && len(data) == size:
		r.via = wordsOf(data)
	case typ == unix.RTA_OIF && len(data) == 4:
		r.dev = binary.NativeEndian.Uint32(data)
	case typ == unix.RTA_PRIORITY && len(data) == 4:
		r.metric = binary.NativeEndian.Uint32(data)
	default:
		return r.six && (typ == unix.RTA_CACHEINFO || typ == unix.RTA_PREF && len(data) == 1 && data[0] == 0)
	}
	return true
}
