package routefile

import (
	"context"
	"encoding/binary"
	"errors"

	"bootlink/nlcore"

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
func dump(ctx context.Context, conn *nlcore.Conn, family uint8, s nlcore.RouteSet, each func([]byte), restart func()) error {
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

// stateFlags are bits of rtm_flags that tell how a route does and not what it
// is: all but these two.
const ownFlags = unix.RTNH_F_ONLINK | unix.RTNH_F_PERVASIVE

// decode reads the body of a route message. A set with protocol 0 is of any.
func decode[R nlcore.RouteRecord](r *R, b []byte, s nlcore.RouteSet) shape {
	if len(b) < unix.SizeofRtMsg || b[0] != familyOf(r) || s.Protocol != 0 && b[5] != s.Protocol {
		return foreign
	}
	flags := binary.NativeEndian.Uint32(b[8:])
	if flags&unix.RTM_F_CLONED != 0 {
		return foreign
	}
	begin(r, b)
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
		} else if !assign(r, typ, data) {
			found = odd
		}
		a = a[min((n+3)&^3, len(a)):]
	}
	if table != s.Table {
		return foreign
	}
	return found
}

func familyOf[R nlcore.RouteRecord](r *R) uint8 {
	if _, four := any(r).(*nlcore.Route4); four {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// begin reads struct rtmsg.
func begin[R nlcore.RouteRecord](r *R, b []byte) {
	switch r := any(r).(type) {
	case *nlcore.Route4:
		*r = nlcore.Route4{Bits: b[1], TOS: b[3], Scope: b[6], Type: b[7]}
	case *nlcore.Route6:
		*r = nlcore.Route6{Bits: b[1], TOS: b[3], Type: b[7]}
	}
}

// assign is false for an attribute that the record has no room for.
func assign[R nlcore.RouteRecord](r *R, typ uint16, data []byte) bool {
	if r, four := any(r).(*nlcore.Route4); four {
		return assign4(r, typ, data)
	}
	return assign6(any(r).(*nlcore.Route6), typ, data)
}

func assign4(r *nlcore.Route4, typ uint16, data []byte) bool {
	if len(data) != 4 {
		return false
	}
	switch typ {
	case unix.RTA_DST:
		r.Dst = binary.BigEndian.Uint32(data)
	case unix.RTA_GATEWAY:
		r.Via = binary.BigEndian.Uint32(data)
	case unix.RTA_OIF:
		r.Dev = binary.NativeEndian.Uint32(data)
	case unix.RTA_PRIORITY:
		r.Metric = binary.NativeEndian.Uint32(data)
	default:
		return false
	}
	return true
}

// assign6 passes over what every IPv6 route has: its age, and the preference
// "medium", which is 0.
func assign6(r *nlcore.Route6, typ uint16, data []byte) bool {
	switch {
	case typ == unix.RTA_DST && len(data) == 16:
		r.Dst = [16]byte(data)
	case typ == unix.RTA_GATEWAY && len(data) == 16:
		r.Via = [16]byte(data)
	case typ == unix.RTA_OIF && len(data) == 4:
		r.Dev = binary.NativeEndian.Uint32(data)
	case typ == unix.RTA_PRIORITY && len(data) == 4:
		r.Metric = binary.NativeEndian.Uint32(data)
	case typ == unix.RTA_PREF && len(data) == 1 && data[0] == 0, typ == unix.RTA_CACHEINFO:
	default:
		return false
	}
	return true
}
