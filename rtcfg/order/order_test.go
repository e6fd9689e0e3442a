package order

import (
	"math/rand"
	"slices"
	"strconv"
	"testing"
)

func TestUnique(t *testing.T) {
	for _, c := range []struct{ list, want []string }{
		{nil, nil},
		{[]string{"b"}, []string{"b"}},
		{[]string{"b", "a", "b", "", "a", "b"}, []string{"", "a", "b"}},
	} {
		if got := Unique(slices.Clone(c.list)); !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.list, got, c.want)
		}
	}
}

func TestKeys(t *testing.T) {
	type word string
	if got := Keys(map[word]int{"b": 1, "": 2, "a": 3}); !slices.Equal(got, []string{"", "a", "b"}) {
		t.Errorf("got %q", got)
	}
}

func TestBy(t *testing.T) {
	type pair struct {
		n    int
		text string
	}
	random := rand.New(rand.NewSource(1))
	for _, size := range []int{0, 1, 2, 20, 1000} {
		var list []pair
		for range size {
			n := random.Intn(100)
			list = append(list, pair{n, strconv.Itoa(n)})
		}
		By(list, func(a, b *pair) bool { return a.n < b.n })
		for i, p := range list {
			if p.text != strconv.Itoa(p.n) || i > 0 && list[i-1].n > p.n {
				t.Fatalf("%d pairs: got %v", size, list)
			}
		}
	}
}
