// Nlbench is nlcore under a stopwatch: one operation on N routes, a process
// each. It is not shipped; `make bench` runs it beside its peers.
//
// It works in the namespace that it is started in, where a veth end v0 with
// 192.0.2.1/24 (and 2001:db8::1/64) is up. Route i of N is (16.0.0.0 + 256 i)/24
// via 192.0.2.2 dev v0 proto static metric 100 in table main; with -6 it is
// (4000:: + i * 2^80)/48 via 2001:db8::2.
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// ops are the operations, for each kind of record.
type op[R nlcore.RouteRecord] func(context.Context, *nlcore.Conn, table[R]) error

func ops[R nlcore.RouteRecord]() map[string]op[R] {
	return map[string]op[R]{"add": add[R], "del": del[R], "dump": dump[R], "parse": parse[R], "noop": noop[R], "replace": replace[R]}
}

// table is what the routes look like.
type table[R nlcore.RouteRecord] struct {
	n     int
	route func(int) R
}

// next gives the routes in order.
func (t table[R]) next() func() (R, bool) {
	i := 0
	return func() (r R, more bool) {
		if i == t.n {
			return r, false
		}
		i++
		return t.route(i - 1), true
	}
}

var set = nlcore.RouteSet{Protocol: unix.RTPROT_STATIC}

func main() {
	six := flag.Bool("6", false, "IPv6 routes")
	buffer := flag.Int("rcvbuf", 0, "monitor: `bytes` of receive queue to force")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	defer stop()
	if err := run(ctx, flag.Args(), *six, *buffer); err != nil {
		fmt.Fprintln(os.Stderr, "nlbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, six bool, buffer int) error {
	if len(args) == 1 && args[0] == "monitor" || len(args) == 2 && args[0] == "monitor" {
		return monitor(ctx, buffer)
	}
	if len(args) != 2 {
		return fmt.Errorf("usage: nlbench [-6] add|del|dump|parse|noop|replace|monitor N")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	dev, err := net.InterfaceByName("v0")
	if err != nil {
		return err
	}
	conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	if six {
		return perform(ctx, conn, args[0], table[nlcore.Route6]{n, routes6(uint32(dev.Index))})
	}
	return perform(ctx, conn, args[0], table[nlcore.Route4]{n, routes4(uint32(dev.Index))})
}

func perform[R nlcore.RouteRecord](ctx context.Context, conn *nlcore.Conn, name string, t table[R]) error {
	do := ops[R]()[name]
	if do == nil {
		return fmt.Errorf("unknown operation %q", name)
	}
	return do(ctx, conn, t)
}

func routes4(dev uint32) func(int) nlcore.Route4 {
	return func(i int) nlcore.Route4 {
		return nlcore.Route4{Dst: 16<<24 + uint32(i)<<8, Bits: 24, Via: 192<<24 | 2<<8 | 2, Dev: dev, Metric: 100, Type: unix.RTN_UNICAST}
	}
}

func routes6(dev uint32) func(int) nlcore.Route6 {
	r := nlcore.Route6{Bits: 48, Dev: dev, Metric: 100, Type: unix.RTN_UNICAST}
	r.Dst[0] = 0x40
	r.Via = [16]byte{0x20, 0x01, 0x0d, 0xb8, 15: 2}
	return func(i int) nlcore.Route6 {
		binary.BigEndian.PutUint32(r.Dst[2:], uint32(i))
		return r
	}
}

func add[R nlcore.RouteRecord](ctx context.Context, c *nlcore.Conn, t table[R]) error {
	return nlcore.AddRoutes(ctx, c, set, false, t.next())
}

func replace[R nlcore.RouteRecord](ctx context.Context, c *nlcore.Conn, t table[R]) error {
	return nlcore.AddRoutes(ctx, c, set, true, t.next())
}

func del[R nlcore.RouteRecord](ctx context.Context, c *nlcore.Conn, t table[R]) error {
	return nlcore.DelRoutes(ctx, c, set, t.n, t.route)
}

// dump only counts.
func dump[R nlcore.RouteRecord](ctx context.Context, c *nlcore.Conn, t table[R]) error {
	n := 0
	for _, err := range nlcore.ListRoutes[R](ctx, c, set) {
		if err != nil {
			return err
		}
		n++
	}
	return counted(n, t.n)
}

// parse keeps every record, in chunks: a slice that grows would copy them all.
func parse[R nlcore.RouteRecord](ctx context.Context, c *nlcore.Conn, t table[R]) error {
	const chunk = 4096
	var kept [][]R
	n := 0
	for r, err := range nlcore.ListRoutes[R](ctx, c, set) {
		if err != nil {
			return err
		}
		if n%chunk == 0 {
			kept = append(kept, make([]R, 0, chunk))
		}
		kept[len(kept)-1] = append(kept[len(kept)-1], r)
		n++
	}
	return counted(n, t.n)
}

func noop[R nlcore.RouteRecord](ctx context.Context, c *nlcore.Conn, t table[R]) error {
	diff, err := nlcore.CompareRoutes(ctx, c, set, t.next())
	if err != nil {
		return err
	}
	if len(diff.Missing)+len(diff.Extra)+len(diff.Changed) > 0 {
		return fmt.Errorf("%d missing, %d extra, %d changed", len(diff.Missing), len(diff.Extra), len(diff.Changed))
	}
	return counted(diff.Same, t.n)
}

func counted(got, want int) error {
	if got != want {
		return fmt.Errorf("%d routes; want %d", got, want)
	}
	return nil
}
