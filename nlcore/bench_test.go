package nlcore

import (
	"context"
	"testing"

	"golang.org/x/sys/unix"
)

// A dump of 20,000 routes with all attributes walked; per-message numbers.
func BenchmarkDump(b *testing.B) {
	c, messages := benchRoutes(b)
	r := listRoutes(unix.RTPROT_STATIC)
	b.ReportAllocs()
	for b.Loop() {
		for m, err := range c.Dump(context.Background(), r) {
			if err != nil {
				b.Fatal(err)
			}
			for _, err := range Attrs(m.Body[unix.SizeofRtMsg:]) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*messages), "ns/message")
}

// Routes that are there already, replaced in a batch.
func BenchmarkBatch(b *testing.B) {
	c, messages := benchRoutes(b)
	rs := routes(indexOf(b, c, "br0"), messages)
	for i := range rs {
		rs[i].Flags = unix.NLM_F_CREATE | unix.NLM_F_REPLACE
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Batch(context.Background(), rs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*messages), "ns/message")
}

func benchRoutes(b *testing.B) (c *Conn, messages int) {
	messages = 20000
	c = dial(b, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(b)})
	if err := c.Batch(context.Background(), routes(routable(b, c), messages)); err != nil {
		b.Fatal(err)
	}
	return c, messages
}

func BenchmarkDo(b *testing.B) {
	c := dial(b, unix.NETLINK_ROUTE, Options{NetNS: newNamespace(b)})
	routable(b, c)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := upLink("br0")
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Do(ctx, r); err != nil {
			b.Fatal(err)
		}
	}
}
