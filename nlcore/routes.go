package nlcore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// AddRoutes adds the records that next gives, in its order, until it gives
// false. Give them in ascending order ([Route4.Compare]): scattered ones are
// added a little faster, but every later dump of the table costs three times
// as much. replace overwrites routes that are there; without it such a route is
// an error (EEXIST).
//
// Errors are those of [Conn.Batch]; the index counts what next gave.
func AddRoutes[R RouteRecord](ctx until.Context, c *Conn, s RouteSet, replace bool, next func() (R, bool)) error {
	flags := uint16(unix.NLM_F_CREATE | unix.NLM_F_EXCL)
	if replace {
		flags = unix.NLM_F_CREATE | unix.NLM_F_REPLACE
	}
	return writeRoutes(ctx, c, s, unix.RTM_NEWROUTE, flags, next)
}

// DelRoutes deletes n records, at(0) to at(n-1), in an order of its own that
// spreads over the table: the kernel's trie then shrinks once and not again and
// again at its edge, which halves the cost. A route that is not there is an
// error (ESRCH) and does not keep the others of its datagram from going.
func DelRoutes[R RouteRecord](ctx until.Context, c *Conn, s RouteSet, n int, at func(int) R) error {
	i, step := 0, strideOf[R](n)
	left := n
	err := writeRoutes(ctx, c, s, unix.RTM_DELROUTE, 0, func() (r R, more bool) {
		if left == 0 {
			return r, false
		}
		r = at(i)
		left--
		if i += step; i >= n {
			i -= n
		}
		return r, true
	})
	var batch *BatchError
	if errors.As(err, &batch) {
		for _, e := range batch.Failed { // back from the order of sending to the caller's
			e.Index, e.of = int(uint64(e.Index)*uint64(step)%uint64(n)), n
		}
	}
	return err
}

// strideOf: IPv6 tables are trees that cost more where their nodes are cold, so
// there the order stays as it is.
func strideOf[R RouteRecord](n int) int {
	if _, six := any(*new(R)).(Route6); six {
		return 1
	}
	return stride(n)
}

// stride gives a step that visits all of 0 to n-1 and lands far from where it
// was: near the golden section of n, and coprime to it.
func stride(n int) int {
	step := int(float64(n) * 0.618)
	for step > 1 && gcd(step, n) != 1 {
		step--
	}
	return max(step, 1)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// writeRoutes is Batch for records: the messages are written straight into the
// datagram, and nothing is allocated for a route.
func writeRoutes[R RouteRecord](ctx until.Context, c *Conn, s RouteSet, typ, flags uint16, next func() (R, bool)) error {
	end, err := c.begin(ctx)
	if err != nil {
		return &BatchError{Cause: err}
	}
	defer end()
	for sent := 0; ; {
		if err := ctx.Err(); err != nil {
			return &BatchError{Of: sent, Sent: sent, Cause: err}
		}
		n, err := writeChunk(ctx, c, s, typ, flags, sent, next)
		if err != nil || n < batchMessages {
			return err
		}
		sent += n
	}
}

// writeChunk sends one datagram and waits for its last answer. It gives how
// many messages there were; fewer than batchMessages means that next ended.
func writeChunk[R RouteRecord](ctx until.Context, c *Conn, s RouteSet, typ, flags uint16, from int, next func() (R, bool)) (int, error) {
	first := c.next(batchMessages)
	at, n := 0, 0
	for ; n < batchMessages; n++ {
		r, more := next()
		if !more {
			break
		}
		at = len(c.out)
		c.out = putRoute(c.out, &r, s, typ, flags|unix.NLM_F_REQUEST, first+uint32(n))
	}
	if n == 0 {
		return 0, nil
	}
	setAck(c.out[at:])
	b := c.out
	c.out = c.out[:0]
	if err := c.send(b); err != nil {
		return n, &BatchError{Of: from + n, Sent: from, Cause: err}
	}
	c.n.writes.Add(uint64(n))
	a := await{in: &c.in, first: first, n: uint32(n)}
	return n, routeAnswers[R](ctx, c, s, b, from, a)
}

// setAck asks for an ack of the message at the front of b.
func setAck(b []byte) {
	binary.NativeEndian.PutUint16(b[6:], binary.NativeEndian.Uint16(b[6:])|unix.NLM_F_ACK)
}

// putRoute is the records' put without an interface, which would allocate.
func putRoute[R RouteRecord](b []byte, r *R, s RouteSet, typ, flags uint16, seq uint32) []byte {
	switch r := any(r).(type) {
	case *Route4:
		return r.put(b, s, typ, flags, seq)
	case *Route6:
		return r.put(b, s, typ, flags, seq)
	}
	return b
}

func getRoute[R RouteRecord](r *R, body []byte, s RouteSet) bool {
	switch r := any(r).(type) {
	case *Route4:
		return r.get(body, s)
	case *Route6:
		return r.get(body, s)
	}
	return false
}

// routeAnswers collects the refusals of the datagram b until the answer to its
// last message.
func routeAnswers[R RouteRecord](ctx until.Context, c *Conn, s RouteSet, b []byte, from int, a await) error {
	failed := BatchError{Of: from + int(a.n), Sent: from + int(a.n)}
	last := a.first + a.n - 1
	for {
		m, err := a.next()
		if err != nil {
			return failed.result(ended(ctx, err))
		}
		if m.Type != unix.NLMSG_ERROR {
			continue
		}
		i := int(m.Seq - a.first)
		if err := c.verdict(routeRequest[R](b, i, s), m); err != nil {
			failed.add(err, from+i)
		}
		if m.Seq == last {
			return failed.result(a.lost)
		}
	}
}

// routeRequest finds the i-th message of a datagram again, for the words of an
// error.
func routeRequest[R RouteRecord](b []byte, i int, s RouteSet) *Request {
	var m Message
	for ; i >= 0; i-- {
		var ok bool
		if m, b, ok = cutMessage(b); !ok {
			return &Request{}
		}
	}
	verb := "add route "
	if m.Type == unix.RTM_DELROUTE {
		verb = "delete route "
	}
	var r R
	getRoute(&r, m.Body, s)
	return &Request{Type: m.Type, Flags: m.Flags, Body: m.Body, Header: unix.SizeofRtMsg, Label: verb + fmt.Sprint(r)}
}

// ListRoutes dumps the routes of a set into records, one at a time. Routes
// that do not fit a record (several next hops) are left out. Errors are those of
// [Conn.Dump].
func ListRoutes[R RouteRecord](ctx until.Context, c *Conn, s RouteSet) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		err := scanRoutes(ctx, c, s, func(records []R) bool {
			for i := range records {
				if !yield(records[i], nil) {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield(*new(R), err)
		}
	}
}

// blockRoutes is more than the routes of one datagram, which has 32 KiB.
const blockRoutes = 512

// scanRoutes is a dump in blocks of records: a datagram is taken apart in one
// go, and only what is not a plain route goes the way of other messages. each
// says whether to go on; the records are valid until it returns. The error is
// nil when each has ended it.
func scanRoutes[R RouteRecord](ctx until.Context, c *Conn, s RouteSet, each func([]R) bool) error {
	r := s.dump(*new(R))
	end, err := c.begin(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	defer end()
	a := await{in: &c.in, first: c.next(1), n: 1}
	c.add(&r, unix.NLM_F_REQUEST|unix.NLM_F_DUMP, a.first)
	if err := c.flush(); err != nil {
		return fmt.Errorf("%s: %w", r.label(c.bus), err)
	}
	c.unfinished = a.first
	records, changed := make([]R, blockRoutes), false
	for {
		m, err := a.next()
		if err != nil {
			return c.broken(ctx, &r, err)
		}
		changed = changed || m.Flags&unix.NLM_F_DUMP_INTR != 0
		if ends(m) {
			c.unfinished = 0
			return c.closed(&r, m, changed, a.lost)
		}
		n := 0
		if getRoute(&records[0], m.Body, s) {
			n = 1
		}
		more, flags := 0, uint16(0)
		c.in.rest, more, flags = cutRoutes(c.in.rest, a.first, s, records[n:])
		changed = changed || flags&unix.NLM_F_DUMP_INTR != 0
		if !each(records[:n+more]) {
			return nil
		}
	}
}

// cutRoutes takes route messages of the dump seq off b, for as long as there
// are such and room for records. It gives the rest, how many records there are,
// and all their messages' flags.
func cutRoutes[R RouteRecord](b []byte, seq uint32, s RouteSet, records []R) (rest []byte, n int, flags uint16) {
	const header = unix.NLMSG_HDRLEN
	for len(b) >= header && n < len(records) {
		length := binary.NativeEndian.Uint32(b)
		if binary.NativeEndian.Uint16(b[4:]) != unix.RTM_NEWROUTE || binary.NativeEndian.Uint32(b[8:]) != seq ||
			length < header || uint64(length) > uint64(len(b)) {
			break
		}
		flags |= binary.NativeEndian.Uint16(b[6:])
		if getRoute(&records[n], b[header:length:length], s) {
			n++
		}
		b = b[min(align(int(length)), len(b)):]
	}
	return b, n, flags
}

// dump is the request that has the kernel send the set and nothing else.
func (s RouteSet) dump(record any) Request {
	w := NewAttrWriter(make([]byte, unix.SizeofRtMsg))
	w.U32(unix.RTA_TABLE, s.table())
	body := w.Bytes()
	body[0], body[5] = unix.AF_INET, s.Protocol
	if _, six := record.(Route6); six {
		body[0] = unix.AF_INET6
	}
	return Request{Type: unix.RTM_GETROUTE, Body: body, Header: unix.SizeofRtMsg, Label: "list routes"}
}

// A RouteDiff is what has to be written to make the kernel as wished.
type RouteDiff[R RouteRecord] struct {
	Missing []R // to add
	Extra   []R // to delete
	Changed []R // as they should be: to replace
	Same    int // how many are as they should be
}

// CompareRoutes holds a wish list against the kernel's routes of a set while
// they pass by. next gives the list in the order of Compare. Where the dump has
// that order too (the kernel does not promise it), nothing is kept but the
// differences; where it has not, what seemed to be missing and what seemed to
// be extra are matched in the end.
func CompareRoutes[R RouteRecord](ctx until.Context, c *Conn, s RouteSet, next func() (R, bool)) (RouteDiff[R], error) {
	m := merge[R]{next: next}
	m.want, m.more = next()
	err := scanRoutes(ctx, c, s, m.block)
	if err != nil {
		return m.diff, err
	}
	for ; m.more; m.want, m.more = m.next() {
		m.diff.Missing = append(m.diff.Missing, m.want)
	}
	m.diff.match()
	return m.diff, nil
}

// merge walks along a wish list while the kernel's routes pass by.
type merge[R RouteRecord] struct {
	next func() (R, bool)
	want R
	more bool
	diff RouteDiff[R]
}

func (m *merge[R]) block(records []R) bool {
	for i := range records {
		if m.more && m.want == records[i] { // nearly always
			m.diff.Same++
			m.want, m.more = m.next()
			continue
		}
		m.differs(&records[i])
	}
	return true
}

// differs finds out where the wish list and the kernel part.
func (m *merge[R]) differs(have *R) {
	order := compareRoute(&m.want, have)
	for m.more && order < 0 {
		m.diff.Missing = append(m.diff.Missing, m.want)
		m.want, m.more = m.next()
		order = compareRoute(&m.want, have)
	}
	switch {
	case !m.more || order > 0:
		m.diff.Extra = append(m.diff.Extra, *have)
		return
	case m.want == *have:
		m.diff.Same++
	default:
		m.diff.Changed = append(m.diff.Changed, m.want)
	}
	m.want, m.more = m.next()
}

func compareRoute[R RouteRecord](a, b *R) int {
	switch a := any(a).(type) {
	case *Route4:
		return a.Compare(*any(b).(*Route4))
	case *Route6:
		return a.Compare(*any(b).(*Route6))
	}
	return 0
}

// match takes out what is in Missing and in Extra: it came in another order.
func (d *RouteDiff[R]) match() {
	if len(d.Missing) == 0 || len(d.Extra) == 0 {
		return
	}
	order := func(a, b R) int { return compareRoute(&a, &b) }
	slices.SortFunc(d.Missing, order)
	slices.SortFunc(d.Extra, order)
	var missing, extra []R
	i := 0
	for _, want := range d.Missing {
		for i < len(d.Extra) && order(d.Extra[i], want) < 0 {
			extra = append(extra, d.Extra[i])
			i++
		}
		switch {
		case i == len(d.Extra) || order(d.Extra[i], want) != 0:
			missing = append(missing, want)
			continue
		case d.Extra[i] == want:
			d.Same++
		default:
			d.Changed = append(d.Changed, want)
		}
		i++
	}
	d.Missing, d.Extra = missing, append(extra, d.Extra[i:]...)
}
