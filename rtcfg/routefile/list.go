package routefile

import "sort"

// chunkLength is how many elements a list's pieces have.
const chunkLength = 4096

// A list grows without moving what it has: a slice that grows needs more than
// twice its memory.
type list[T any] struct {
	chunks [][]T
	n      int
}

func (l *list[T]) add(v T) {
	if l.n%chunkLength == 0 {
		l.chunks = append(l.chunks, make([]T, 0, chunkLength))
	}
	last := &l.chunks[len(l.chunks)-1]
	*last = append(*last, v)
	l.n++
}

func (l *list[T]) at(i int) *T { return &l.chunks[i/chunkLength][i%chunkLength] }

// sort does nothing where the elements are in order, as nearly always.
func (l *list[T]) sort(order func(a, b *T) int) {
	for i := 1; i < l.n; i++ {
		if order(l.at(i-1), l.at(i)) > 0 {
			sort.Sort(sorting[T]{l, order})
			return
		}
	}
}

type sorting[T any] struct {
	*list[T]
	order func(a, b *T) int
}

func (s sorting[T]) Len() int           { return s.n }
func (s sorting[T]) Less(i, j int) bool { return s.order(s.at(i), s.at(j)) < 0 }
func (s sorting[T]) Swap(i, j int) {
	a, b := s.at(i), s.at(j)
	*a, *b = *b, *a
}
