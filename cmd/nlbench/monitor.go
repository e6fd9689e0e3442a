package main

import (
	"context"
	"fmt"
	"os"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// monitor counts route events until the context ends. After an overrun it asks
// the kernel for the routes anew, which is what a listener has to do.
func monitor(ctx context.Context, buffer int) error {
	groups := []uint32{unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE}
	s, err := nlcore.Subscribe(unix.NETLINK_ROUTE, groups, nlcore.Options{ReceiveBuffer: buffer})
	if err != nil {
		return err
	}
	defer s.Close()
	conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Println("listening")
	events, resyncs, routes := 0, 0, 0
	for {
		e, err := s.Next(ctx)
		switch {
		case ctx.Err() != nil:
			_, err := fmt.Fprintf(os.Stdout, "events %d resyncs %d routes %d\n", events, resyncs, routes)
			return err
		case err != nil:
			return err
		case e.Resync:
			resyncs++
			if routes, err = count(context.WithoutCancel(ctx), conn); err != nil {
				return err
			}
		case len(e.Body) < unix.SizeofRtMsg || e.Body[5] != set.Protocol: // the kernel's own
		case e.Type == unix.RTM_NEWROUTE:
			events++
			routes++
		case e.Type == unix.RTM_DELROUTE:
			events++
			routes--
		}
	}
}

// count dumps the routes of ours; an inconsistent dump is repeated.
func count(ctx context.Context, c *nlcore.Conn) (n int, err error) {
	for range 100 {
		n = 0
		for _, err = range nlcore.ListRoutes[nlcore.Route4](ctx, c, set) {
			if err == nil {
				n++
			}
		}
		if err == nil {
			break
		}
	}
	return n, err
}
