package main

import "testing"

func TestPart(t *testing.T) {
	for symbol, want := range map[string]string{
		"bootlink/rtcfg/plan.(*planner).links": "bootlink/rtcfg/plan",
		"main.main":                            "main",
		"slices.pdqsort[go.shape.struct { bootlink/rtcfg/object.K }]": "standard library: slices",
		"github.com/pelletier/go-toml/v2/unstable.(*Parser).Next":     "github.com/pelletier/go-toml",
		"golang.org/x/sys/unix.Sendto":                                "golang.org/x/sys",
		"internal/runtime/maps.(*Map).Put":                            "runtime",
		"type:*":                                                      nameless,
		"go:string.*":                                                 nameless,
	} {
		if got := part(symbol); got != want {
			t.Errorf("%s is of %q; want %q", symbol, got, want)
		}
	}
}
