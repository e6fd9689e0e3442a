package routefile

import "bootlink/rtcfg/order"

// A list holds routes of one family, 24 bytes each (IPv6: 48) with a number
// that belongs to each: its line, or its place elsewhere. It grows without moving
// what it has; a slice that grows needs more than twice its memory.
type list struct {
	six    bool
	n      int
	chunks [][]uint32
}

// chunkLength is how many routes a chunk holds.
const chunkLength = 4096

// The slots of a route, in units of 4 bytes.
const (
	slots4 = 6
	slots6 = 12
)

func (l *list) slots() int {
	if l.six {
		return slots6
	}
	return slots4
}

func (l *list) slot(i int) []uint32 {
	size := l.slots()
	at := i % chunkLength * size
	return l.chunks[i/chunkLength][at : at+size]
}

// add appends a route.
func (l *list) add(r *route, number uint32) {
	if l.n%chunkLength == 0 {
		l.chunks = append(l.chunks, make([]uint32, chunkLength*l.slots()))
	}
	s := l.slot(l.n)
	l.n++
	tail := s[len(s)-4:]
	tail[0], tail[1], tail[2] = r.dev, r.metric, number
	tail[3] = uint32(r.bits) | uint32(r.tos)<<8 | uint32(r.typ)<<16 | uint32(r.scope)<<24
	if !l.six {
		s[0], s[1] = r.to.four(), r.via.four()
		return
	}
	for i, w := range [...]uint64{r.to.high, r.to.low, r.via.high, r.via.low} {
		s[2*i], s[2*i+1] = uint32(w>>32), uint32(w)
	}
}

// get gives the i-th route and its number.
func (l *list) get(i int, r *route) (number uint32) {
	s := l.slot(i)
	tail := s[len(s)-4:]
	r.dev, r.metric, r.six = tail[0], tail[1], l.six
	r.bits, r.tos, r.typ, r.scope = uint8(tail[3]), uint8(tail[3]>>8), uint8(tail[3]>>16), uint8(tail[3]>>24)
	if l.six {
		s = s[:8]
		r.to = words{uint64(s[0])<<32 | uint64(s[1]), uint64(s[2])<<32 | uint64(s[3])}
		r.via = words{uint64(s[4])<<32 | uint64(s[5]), uint64(s[6])<<32 | uint64(s[7])}
	} else {
		r.to, r.via = words{high: uint64(s[0]) << 32}, words{high: uint64(s[1]) << 32}
	}
	return tail[2]
}

// number gives that of the i-th route alone.
func (l *list) number(i int) uint32 {
	s := l.slot(i)
	return s[len(s)-2]
}

// find gives the place of an identity in a list that is in order: where it is,
// or where it would be.
func (l *list) find(r *route) (place int, found bool) {
	var at route
	low, high := 0, l.n
	for low < high {
		middle := (low + high) / 2
		l.get(middle, &at)
		switch c := compareRoutes(&at, r); {
		case c < 0:
			low = middle + 1
		case c > 0:
			high = middle
		default:
			high, found = middle, true
		}
	}
	return low, found
}

// findNumber is find for a list whose numbers ascend.
func (l *list) findNumber(number int) (place int, found bool) {
	low, high := 0, l.n
	for low < high {
		if middle := (low + high) / 2; int(l.number(middle)) < number {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < l.n && int(l.number(low)) == number
}

// sort puts the routes in order, as they nearly always are already.
func (l *list) sort() { order.Sort(l.n, l.before, l.swap) }

// before compares two routes; of one identity the smaller number comes first.
func (l *list) before(i, j int) bool {
	var a, b route
	x, y := l.get(i, &a), l.get(j, &b)
	c := compareRoutes(&a, &b)
	return c < 0 || c == 0 && x < y
}

func (l *list) swap(i, j int) {
	a, b := l.slot(i), l.slot(j)
	for k := range a {
		a[k], b[k] = b[k], a[k]
	}
}
