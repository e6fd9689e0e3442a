// The peer: mdlayher/netlink with batches of 1000, and its attribute decoder.
package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func message(typ netlink.HeaderType, flags netlink.HeaderFlags, i int, dev uint32) netlink.Message {
	rtm := []byte{unix.AF_INET, 24, 0, 0, unix.RT_TABLE_MAIN, unix.RTPROT_STATIC, unix.RT_SCOPE_UNIVERSE, unix.RTN_UNICAST, 0, 0, 0, 0}
	e := netlink.NewAttributeEncoder()
	e.Bytes(unix.RTA_DST, binary.BigEndian.AppendUint32(nil, 16<<24+uint32(i)<<8))
	e.Bytes(unix.RTA_GATEWAY, []byte{192, 0, 2, 2})
	e.Uint32(unix.RTA_OIF, dev)
	e.Uint32(unix.RTA_PRIORITY, 100)
	attrs, err := e.Encode()
	check(err)
	return netlink.Message{Header: netlink.Header{Type: typ, Flags: netlink.Request | flags}, Data: append(rtm, attrs...)}
}

func write(c *netlink.Conn, n int, typ netlink.HeaderType, flags netlink.HeaderFlags, dev uint32) {
	for i := 0; i < n; {
		var batch []netlink.Message
		for ; len(batch) < 1000 && i < n; i++ {
			batch = append(batch, message(typ, flags, i, dev))
		}
		batch[len(batch)-1].Header.Flags |= netlink.Acknowledge
		_, err := c.SendMessages(batch)
		check(err)
		_, err = c.Receive()
		check(err)
	}
}

type route struct {
	dst, via    net.IP
	dev, metric uint32
}

func read(c *netlink.Conn, n int) {
	body := make([]byte, unix.SizeofRtMsg)
	body[0], body[5] = unix.AF_INET, unix.RTPROT_STATIC
	msgs, err := c.Execute(netlink.Message{Header: netlink.Header{Type: unix.RTM_GETROUTE, Flags: netlink.Request | netlink.Dump}, Data: body})
	check(err)
	kept := make([]route, 0, n)
	for _, m := range msgs {
		d, err := netlink.NewAttributeDecoder(m.Data[unix.SizeofRtMsg:])
		check(err)
		var r route
		for d.Next() {
			switch d.Type() {
			case unix.RTA_DST:
				r.dst = d.Bytes()
			case unix.RTA_GATEWAY:
				r.via = d.Bytes()
			case unix.RTA_OIF:
				r.dev = d.Uint32()
			case unix.RTA_PRIORITY:
				r.metric = d.Uint32()
			}
		}
		kept = append(kept, r)
	}
	if len(kept) != n {
		check(fmt.Errorf("%d routes", len(kept)))
	}
}

func main() {
	n, err := strconv.Atoi(os.Args[2])
	check(err)
	dev, err := net.InterfaceByName("v0")
	check(err)
	c, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Strict: true})
	check(err)
	switch os.Args[1] {
	case "add":
		write(c, n, unix.RTM_NEWROUTE, netlink.Create|netlink.Excl, uint32(dev.Index))
	case "replace":
		write(c, n, unix.RTM_NEWROUTE, netlink.Create|netlink.Replace, uint32(dev.Index))
	case "del":
		write(c, n, unix.RTM_DELROUTE, 0, uint32(dev.Index))
	default:
		read(c, n)
	}
}
