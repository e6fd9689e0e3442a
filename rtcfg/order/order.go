// Package order puts lists in order.
//
// It has one sort for all types. slices.Sort, slices.SortFunc, sort.Sort and
// sort.Slice are each a copy of another, the first two once more for each type: 7
// to 11 KB of the binary every time.
package order

// Strings sorts a list.
func Strings(list []string) {
	if len(list) > few {
		By(list, func(a, b *string) bool { return *a < *b })
		return
	}
	for i := range list {
		for j := i; j > 0 && list[j] < list[j-1]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// Unique sorts a list and takes out what is there twice. The list is the
// function's from then on.
func Unique(list []string) []string {
	Strings(list)
	n := 0
	for i, text := range list {
		if i == 0 || text != list[n-1] {
			list[n] = text
			n++
		}
	}
	return list[:n]
}

// Keys gives the keys of a map in order.
func Keys[K ~string, V any](m map[K]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, string(key))
	}
	Strings(keys)
	return keys
}

// By sorts a list; before tells whether a stands before b. What is equal may
// change places.
func By[T any](list []T, before func(a, b *T) bool) {
	Sort(len(list),
		func(i, j int) bool { return before(&list[i], &list[j]) },
		func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// Also is append for strings: as a call it takes a third of the room, and there are some
// hundred of them.
func Also(list []string, more ...string) []string { return append(list, more...) }
