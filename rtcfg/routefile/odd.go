package routefile

import (
	"encoding/binary"

	"bootlink/nlcore"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// rtaNHID is RTA_NH_ID of linux/rtnetlink.h, which x/sys lacks.
const rtaNHID = 30

// An oddity is a route that is more than a record, or one of several of the
// same identity: kept as the body of the message that makes it again.
type oddity struct {
	_ [0]func() // no equality: it would be code

	body  string
	place int  // of the entry that replaces it, -1: it is deleted
	first bool // delete it before anything else: it has the identity of an entry
}

// again turns the body of a dumped route into one that makes it: without
// what tells how the route does, and without the next hop that a next hop object
// stands for.
func again(b []byte) []byte {
	attrs := b[unix.SizeofRtMsg:]
	byObject := false
	for a, err := range nlcore.Attrs(attrs) {
		byObject = byObject || err == nil && a.Type == rtaNHID
	}
	w := nlcore.NewAttrWriter(b[:unix.SizeofRtMsg])
	for a, err := range nlcore.Attrs(attrs) {
		switch {
		case err != nil, a.Type == unix.RTA_CACHEINFO:
		case byObject && (a.Type == unix.RTA_OIF || a.Type == unix.RTA_GATEWAY || a.Type == unix.RTA_VIA || a.Type == unix.RTA_MULTIPATH):
		case a.Nested:
			w.Raw(a.Type|unix.NLA_F_NESTED, a.Data)
		default:
			w.Raw(a.Type, a.Data)
		}
	}
	body := w.Bytes()
	flags := binary.NativeEndian.Uint32(body[8:])
	binary.NativeEndian.PutUint32(body[8:], flags&ownFlags)
	for a, err := range nlcore.Attrs(body[unix.SizeofRtMsg:]) {
		if err == nil && a.Type == unix.RTA_MULTIPATH {
			calm(a.Data)
		}
	}
	return body
}

// calm takes the state out of next hops: struct rtnexthop has its length in the
// first two bytes, then its flags.
func calm(b []byte) {
	for len(b) >= unix.SizeofRtNexthop {
		b[2] &= ownFlags
		n := (int(binary.NativeEndian.Uint16(b)) + 3) &^ 3
		if n < unix.SizeofRtNexthop || n > len(b) {
			return
		}
		b = b[n:]
	}
}

// request makes the message that writes the oddity.
func (o *oddity) request(typ, flags uint16, label string) nlcore.Request {
	body := []byte(o.body)
	if typ == unix.RTM_DELROUTE && body[0] == unix.AF_INET {
		body[6] = unix.RT_SCOPE_NOWHERE // any
	}
	return nlcore.Request{Type: typ, Flags: flags, Body: body, Header: unix.SizeofRtMsg, Label: label}
}

// removeOdd deletes those that are marked first, or those that are not.
func removeOdd(ctx until.Context, conn *nlcore.Conn, odds []oddity, first bool) error {
	var rs []nlcore.Request
	for i := range odds {
		if o := &odds[i]; o.place < 0 && o.first == first {
			rs = append(rs, o.request(unix.RTM_DELROUTE, 0, "delete a route of several parts"))
		}
	}
	return refusedBy(conn.Batch(ctx, rs))
}

// restoreOdd makes those again that are not there. One that was deleted goes
// beside others of its identity, one that was replaced takes its place back.
func restoreOdd(ctx until.Context, conn *nlcore.Conn, odds []oddity, there bitmap) error {
	var rs []nlcore.Request
	for i := range odds {
		if there.has(i) {
			continue
		}
		flags := uint16(unix.NLM_F_CREATE | unix.NLM_F_APPEND)
		if odds[i].place >= 0 {
			flags = unix.NLM_F_CREATE | unix.NLM_F_REPLACE
		}
		rs = append(rs, odds[i].request(unix.RTM_NEWROUTE, flags, "restore a route of several parts"))
	}
	return refusedBy(conn.Batch(ctx, rs))
}

// appendRoutes adds what next gives beside others of the same identity.
func appendRoutes(ctx until.Context, conn *nlcore.Conn, s nlcore.RouteSet, next func(*route) bool) error {
	var all failures
	var r route
	for rs := []nlcore.Request{}; ; rs = rs[:0] {
		for len(rs) < appended && next(&r) {
			o := oddity{body: string(r.body(s))}
			rs = append(rs, o.request(unix.RTM_NEWROUTE, unix.NLM_F_CREATE|unix.NLM_F_APPEND, "restore route "+r.describe("")))
		}
		if len(rs) == 0 || ctx.Err() != nil {
			return all.err()
		}
		all.add(refusedBy(conn.Batch(ctx, rs)))
	}
}

// appended is how many requests appendRoutes holds at a time.
const appended = 500
