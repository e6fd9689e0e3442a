package monitor

import (
	"encoding/binary"
	"errors"
	"fmt"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// A Note is one thing that is told.
type Note struct {
	_ [0]func() // no equality: it would be code

	Op     string            `json:"op"`
	Class  string            `json:"class,omitempty"`
	Name   string            `json:"name,omitempty"`
	Text   string            `json:"text,omitempty"` // the same, and what else there is to say
	Values map[string]string `json:"values,omitempty"`
}

// What a note says.
const (
	New      = "new" // or changed
	Deleted  = "deleted"
	Lost     = "lost"     // events; what was known may be wrong
	Listed   = "listed"   // it is there
	Complete = "complete" // the end of a list
)

// groups are those of rtnetlink, RTNLGRP_*.
var groups = [...]uint32{unix.RTNLGRP_LINK, unix.RTNLGRP_NEIGH, unix.RTNLGRP_TC, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV4_RULE,
	unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV6_ROUTE, unix.RTNLGRP_IPV6_RULE, unix.RTNLGRP_NSID, unix.RTNLGRP_NEXTHOP}

// lists are the messages that list what these tell of, with the length of their header and
// the families that are asked for.
var lists = [...]struct {
	typ      uint16
	header   int
	families string
}{
	{unix.RTM_GETLINK, unix.SizeofIfInfomsg, "\x00"}, {unix.RTM_GETADDR, unix.SizeofIfAddrmsg, "\x00"}, {unix.RTM_GETROUTE, unix.SizeofRtMsg, "\x02\x0a"},
	{unix.RTM_GETRULE, 12, "\x02\x0a"}, {unix.RTM_GETNEIGH, unix.SizeofNdMsg, "\x00"}, {unix.RTM_GETNEXTHOP, 8, "\x00"}, {unix.RTM_GETQDISC, 20, "\x00"},
}

// A Monitor listens in one network namespace.
type Monitor struct {
	sub   *nlcore.Subscription
	conn  *nlcore.Conn
	names names
	say   func(*Note) error
}

// Open subscribes to everything. say is called for each note, from [Monitor.Run].
func Open(o nlcore.Options, say func(*Note) error) (*Monitor, error) {
	sub, err := nlcore.Subscribe(unix.NETLINK_ROUTE, nil, o)
	if err != nil {
		return nil, err
	}
	m := &Monitor{sub: sub, names: names{}, say: say}
	for _, g := range groups {
		if err := sub.Join(g); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) { // an older kernel
			return nil, errors.Join(err, sub.Close())
		}
	}
	if m.conn, err = nlcore.Dial(unix.NETLINK_ROUTE, o); err != nil {
		return nil, errors.Join(err, sub.Close())
	}
	return m, nil
}

// Close ends it.
func (m *Monitor) Close() error { return errors.Join(m.sub.Close(), m.conn.Close()) }

// Run tells of events until ctx ends, or say fails; at first of all that there is, if list
// says so.
func (m *Monitor) Run(ctx until.Context, list bool) error {
	err := m.list(ctx, list)
	for err == nil {
		var e nlcore.Event
		switch e, err = m.sub.Next(ctx); {
		case err != nil:
		case e.Resync:
			if err = m.say(&Note{Op: Lost, Text: "events: what is there now follows"}); err == nil {
				err = m.list(ctx, true)
			}
		default:
			err = m.tell(e.Type, e.Body, false)
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// list tells of all that there is, or learns the links' names only.
func (m *Monitor) list(ctx until.Context, tell bool) error {
	for i := range lists {
		l := &lists[i]
		for _, family := range []byte(l.families) {
			body := make([]byte, l.header)
			body[0] = family
			var err error
			for msg, derr := range m.conn.Dump(ctx, nlcore.Request{Type: l.typ, Body: body, Header: l.header, Label: "list"}) {
				if err = derr; err == nil && tell {
					err = m.tell(msg.Type, msg.Body, true)
				} else if err == nil {
					m.names.learn(msg.Body)
				}
				if err != nil {
					break
				}
			}
			if err != nil && !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EAFNOSUPPORT) && !errors.Is(err, nlcore.ErrDumpInterrupted) {
				return err
			}
		}
		if !tell {
			return nil // links are the first
		}
	}
	return m.say(&Note{Op: Complete})
}

// tell says what a message says.
func (m *Monitor) tell(typ uint16, body []byte, listed bool) error {
	link := typ == unix.RTM_NEWLINK || typ == unix.RTM_DELLINK
	if link && len(body) > 0 && body[0] == unix.AF_BRIDGE { // a port, of which another message tells
		return nil
	}
	o, deleted, err := object.Observe(typ, body, m.names)
	n := &Note{Op: New, Text: nlcore.TypeName(unix.NETLINK_ROUTE, typ)}
	switch {
	case deleted:
		n.Op = Deleted
	case listed:
		n.Op = Listed
	}
	if err == nil && o != nil {
		n.Class, n.Name, n.Values, n.Text = string(o.Class), o.Name, o.Values.Map(), o.ID.String()+o.Words()
	} else {
		n.Text += fmt.Sprintf(" (%d bytes)", len(body))
	}
	if link && !deleted {
		m.names.learn(body)
	}
	return m.say(n)
}

// names knows the links by their indexes.
type names map[uint32]string

// learn takes the name out of a link's message.
func (n names) learn(body []byte) {
	if len(body) < unix.SizeofIfInfomsg {
		return
	}
	for a, err := range nlcore.Attrs(body[unix.SizeofIfInfomsg:]) {
		if err == nil && a.Type == unix.IFLA_IFNAME {
			n[binary.NativeEndian.Uint32(body[4:])] = a.String()
		}
	}
}

// Index implements [object.Names]; nobody asks for it.
func (n names) Index(string) (uint32, error) { return 0, unix.ENODEV }

// Name implements [object.Names].
func (n names) Name(index uint32) string {
	if name, known := n[index]; known || index == 0 {
		return name
	}
	return fmt.Sprintf("#%d", index)
}
