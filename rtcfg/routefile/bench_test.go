package routefile

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
)

const benchRoutes = 100_000

// BenchmarkRead is a file of 110,000 routes.
func BenchmarkRead(b *testing.B) {
	text := []byte(thousands(benchRoutes, 100, 1))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := newReader()
		if err := r.read("f", bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
		if _, err := r.end(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompare holds 110,000 routes against a kernel that has them.
func BenchmarkCompare(b *testing.B) {
	p := newPlace(b)
	table := p.read(thousands(benchRoutes, 100, 1))
	p.apply(table)
	b.ReportAllocs()
	for b.Loop() {
		if d := p.compare(table); !d.Empty() {
			b.Fatal(d)
		}
	}
}

// Memory follows the routes and nothing else: 24 bytes each, 48 for IPv6, and
// what a reader needs for itself.
func TestMemory(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		bytes int64
	}{
		"IPv4": {strings.Repeat("10.0.0.0/8 dev a metric 0\n", 3*chunkLength), 3 * chunkLength * 24},
		"IPv6": {strings.Repeat("2001:db8::/32 dev a\n", 3*chunkLength), 3 * chunkLength * 48},
	} {
		from := strings.NewReader(c.text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := newReader().read("f", from); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		got := int64(after.TotalAlloc - before.TotalAlloc)
		if got < c.bytes || got > c.bytes+2*blockSize {
			t.Errorf("%s: %d bytes for %d of routes", name, got, c.bytes)
		}
	}
}
