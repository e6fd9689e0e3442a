package routefile

import "math/bits"

// A bitmap is a set of numbers from 0 on.
type bitmap []uint64

// newBitmap gives an empty set for numbers below n.
func newBitmap(n int) bitmap { return make(bitmap, (n+63)/64) }

func (b bitmap) has(i int) bool { return b[i/64]>>(i%64)&1 != 0 }
func (b bitmap) set(i int)      { b[i/64] |= 1 << (i % 64) }

// count gives how many numbers are in the set.
func (b bitmap) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// next gives the smallest number of the set from i on; -1 when there is none.
func (b bitmap) next(i int) int {
	for word := i / 64; word < len(b); word, i = word+1, 0 {
		if w := b[word] >> (i % 64); w != 0 {
			return word*64 + i%64 + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// rest gives the numbers below n that are in none of two sets.
func rest(n int, a, b bitmap) bitmap {
	r := newBitmap(n)
	for i := range r {
		r[i] = ^(a[i] | b[i])
	}
	if n%64 != 0 {
		r[len(r)-1] &= 1<<(n%64) - 1
	}
	return r
}
