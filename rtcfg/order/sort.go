package order

// Sort sorts n things of which before and swap know where they are; before tells
// whether the i-th stands before the j-th. What is equal may change places. What
// is in order already takes n calls of before.
func Sort(n int, before func(i, j int) bool, swap func(i, j int)) {
	for i := 1; i < n; i++ {
		if before(i, i-1) {
			s := sorter{before, swap, 1}
			s.sort(0, n)
			return
		}
	}
}

// A sorter is a quicksort. It takes its pivots by chance, so that no order that a
// list may have by nature is a bad one.
type sorter struct {
	before func(i, j int) bool
	swap   func(i, j int)
	chance uint32
}

// few things are sorted quicker by insertion.
const few = 12

// sort sorts those at from and behind it, up to to. It calls itself for the
// smaller part alone, which bounds the depth.
func (s *sorter) sort(from, to int) {
	for to-from > few {
		switch middle := s.split(from, to); {
		case middle-from < to-middle:
			s.sort(from, middle)
			from = middle + 1
		default:
			s.sort(middle+1, to)
			to = middle
		}
	}
	for i := from + 1; i < to; i++ {
		for j := i; j > from && s.before(j, j-1); j-- {
			s.swap(j, j-1)
		}
	}
}

// split puts before one of them, whose place it gives, what is not behind it, and
// behind it what is not before it.
func (s *sorter) split(from, to int) (middle int) {
	s.chance = s.chance*1664525 + 1013904223
	s.swap(from, from+int(uint64(s.chance)*uint64(to-from)>>32))
	i, j := from, to
	for {
		for i++; i < to && s.before(i, from); i++ {
		}
		for j--; s.before(from, j); j-- {
		}
		if i >= j {
			s.swap(from, j)
			return j
		}
		s.swap(i, j)
	}
}
