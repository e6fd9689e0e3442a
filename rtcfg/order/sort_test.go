package order

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Lists of all sizes and of the orders that occur are sorted, and that without
// the many comparisons that a bad pivot makes.
func TestSort(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	shapes := map[string]func(i, n int) int{
		"ascending":  func(i, _ int) int { return i },
		"descending": func(i, n int) int { return n - i },
		"equal":      func(int, int) int { return 7 },
		"two values": func(i, _ int) int { return i & 1 },
		"saw":        func(i, _ int) int { return i % 17 },
		"two runs":   func(i, n int) int { return i * 2 % (n | 1) },
		"organ pipe": func(i, n int) int { return min(i, n-i) },
		"last first": func(i, n int) int { return (i + 1) % n },
		"chance":     func(int, int) int { return random.Int() },
		"few values": func(int, int) int { return random.IntN(5) },
	}
	for name, value := range shapes {
		for _, n := range []int{0, 1, 2, 3, few, few + 1, few + 2, 50, 1000, 100000} {
			list := make([]int, n)
			for i := range list {
				list[i] = value(i, n)
			}
			want := slices.Clone(list)
			slices.Sort(want)
			compared := 0
			Sort(n, func(i, j int) bool { compared++; return list[i] < list[j] }, func(i, j int) { list[i], list[j] = list[j], list[i] })
			if !slices.Equal(list, want) {
				t.Errorf("%s, %d: not in order", name, n)
			}
			if most := 60 * n; compared > most {
				t.Errorf("%s, %d: compared %d times; more than %d", name, n, compared, most)
			}
			if name == "ascending" && compared > n {
				t.Errorf("%d in order: compared %d times", n, compared)
			}
		}
	}
}
