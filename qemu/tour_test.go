package qemu

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"bootlink/rtcfg/lab"
)

// tour: what docs/tour.md shows of a router with the module is what this one prints
// (UPDATE=1 writes it), while pings go through.
func tour(t *testing.T, r *router) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	lab.ReadPage(t, "../docs/tour.md", "console router").Check(t, os.Getenv("UPDATE") != "", func(c lab.Command) string {
		argv := strings.Fields(c.Text)
		argv[0] = bootlink
		p, err := r.Begin(ctx, argv...)
		if err != nil {
			t.Fatal(err)
		}
		if argv[1] == "hello" || argv[1] == "bye" {
			until(t, "the greeting", func() bool {
				out, _, err := p.Output(ctx)
				return err != nil || strings.Contains(out.Out, "day") || strings.Contains(out.Out, "Evening")
			})
			if _, err := r.lan.Ping(ctx, wanHost, 4711, 1, make([]byte, 56)); err != nil {
				t.Fatal(err)
			}
		}
		out, err := p.Wait(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return out.Out + out.Err
	})
}
