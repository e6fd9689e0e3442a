// The peer: vishvananda/netlink, as its users call it.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/vishvananda/netlink"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	n, err := strconv.Atoi(os.Args[2])
	check(err)
	link, err := netlink.LinkByName("v0")
	check(err)
	do := map[string]func(*netlink.Route) error{"add": netlink.RouteAdd, "replace": netlink.RouteReplace, "del": netlink.RouteDel}[os.Args[1]]
	if do == nil {
		list, err := netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: 254, Protocol: 4}, netlink.RT_FILTER_TABLE|netlink.RT_FILTER_PROTOCOL)
		check(err)
		if len(list) != n {
			check(fmt.Errorf("%d routes", len(list)))
		}
		return
	}
	for i := range n {
		dst := 16<<24 + uint32(i)<<8
		check(do(&netlink.Route{
			Dst: &net.IPNet{IP: net.IPv4(byte(dst>>24), byte(dst>>16), byte(dst>>8), 0), Mask: net.CIDRMask(24, 32)},
			Gw:  net.IPv4(192, 0, 2, 2), LinkIndex: link.Attrs().Index, Protocol: 4, Priority: 100, Table: 254,
		}))
	}
}
