// The peer: jsimonetti/rtnetlink, as its users call it.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
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
	dev, err := net.InterfaceByName("v0")
	check(err)
	c, err := rtnetlink.Dial(nil)
	check(err)
	do := map[string]func(*rtnetlink.RouteMessage) error{"add": c.Route.Add, "replace": c.Route.Replace, "del": c.Route.Delete}[os.Args[1]]
	if do == nil {
		list, err := c.Route.List()
		check(err)
		got := 0
		for _, m := range list {
			if m.Family == unix.AF_INET && m.Protocol == unix.RTPROT_STATIC {
				got++
			}
		}
		if got != n {
			check(fmt.Errorf("%d routes", got))
		}
		return
	}
	for i := range n {
		dst := 16<<24 + uint32(i)<<8
		check(do(&rtnetlink.RouteMessage{
			Family: unix.AF_INET, DstLength: 24, Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_STATIC, Type: unix.RTN_UNICAST,
			Attributes: rtnetlink.RouteAttributes{Dst: net.IPv4(byte(dst>>24), byte(dst>>16), byte(dst>>8), 0), Gateway: net.IPv4(192, 0, 2, 2), OutIface: uint32(dev.Index), Priority: 100},
		}))
	}
}
