package nlcore

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// The requests that the tests of the real kernel send. Attribute numbers and
// headers: linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h.

// ifinfo is struct ifinfomsg.
func ifinfo(index int32, flags, change uint32) []byte {
	b := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint32(b[8:], flags)
	binary.NativeEndian.PutUint32(b[12:], change)
	return b
}

func linkRequest(typ, flags uint16, label string, fill func(w *AttrWriter)) Request {
	w := NewAttrWriter(ifinfo(0, 0, 0))
	fill(w)
	return Request{
		Type: typ, Flags: flags, Body: w.Bytes(), Header: unix.SizeofIfInfomsg,
		Label: label, Name: linkAttrName,
	}
}

// linkAttrName is a Request.Name for some attributes.
func linkAttrName(path []uint16) string {
	return map[string]string{
		fmt.Sprint([]uint16{unix.IFLA_MTU}):                                               "mtu",
		fmt.Sprint([]uint16{unix.IFLA_IFNAME}):                                            "name",
		fmt.Sprint([]uint16{unix.IFLA_LINKINFO, unix.IFLA_INFO_KIND}):                     "kind",
		fmt.Sprint([]uint16{unix.IFLA_LINKINFO, unix.IFLA_INFO_DATA, unix.IFLA_VXLAN_ID}): "vxlan id",
	}[fmt.Sprint(path)]
}

// newLink creates a link of a kind.
func newLink(name, kind string) Request {
	return linkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL,
		fmt.Sprintf("create link %q", name), func(w *AttrWriter) {
			w.String(unix.IFLA_IFNAME, name)
			w.Nest(unix.IFLA_LINKINFO, func() { w.String(unix.IFLA_INFO_KIND, kind) })
		})
}

// setLink changes a link that is named.
func setLink(name string, fill func(w *AttrWriter)) Request {
	return linkRequest(unix.RTM_NEWLINK, 0, fmt.Sprintf("set link %q", name), func(w *AttrWriter) {
		w.String(unix.IFLA_IFNAME, name)
		fill(w)
	})
}

func setMTU(name string, mtu uint32) Request {
	return setLink(name, func(w *AttrWriter) { w.U32(unix.IFLA_MTU, mtu) })
}

// badVXLAN creates a vxlan whose ID is too large, three nests deep.
func badVXLAN(name string) Request {
	return linkRequest(unix.RTM_NEWLINK, unix.NLM_F_CREATE, fmt.Sprintf("create link %q", name), func(w *AttrWriter) {
		w.String(unix.IFLA_IFNAME, name)
		w.Nest(unix.IFLA_LINKINFO, func() {
			w.String(unix.IFLA_INFO_KIND, "vxlan")
			w.Nest(unix.IFLA_INFO_DATA, func() { w.U32(unix.IFLA_VXLAN_ID, 1<<25) })
		})
	})
}

// upLink sets a link up.
func upLink(name string) Request {
	w := NewAttrWriter(ifinfo(0, unix.IFF_UP, unix.IFF_UP))
	w.String(unix.IFLA_IFNAME, name)
	return Request{
		Type: unix.RTM_NEWLINK, Body: w.Bytes(), Header: unix.SizeofIfInfomsg,
		Label: fmt.Sprintf("set link %q up", name),
	}
}

func getLink(name string) Request {
	return linkRequest(unix.RTM_GETLINK, 0, fmt.Sprintf("get link %q", name), func(w *AttrWriter) {
		w.String(unix.IFLA_IFNAME, name)
	})
}

func delLink(name string) Request {
	return linkRequest(unix.RTM_DELLINK, 0, fmt.Sprintf("delete link %q", name), func(w *AttrWriter) {
		w.String(unix.IFLA_IFNAME, name)
	})
}

// listLinks dumps all links.
func listLinks() Request {
	return Request{
		Type: unix.RTM_GETLINK, Body: ifinfo(0, 0, 0), Header: unix.SizeofIfInfomsg, Label: "list links",
	}
}

// newAddress gives a link an address.
func newAddress(index int32, p netip.Prefix) Request {
	h := make([]byte, unix.SizeofIfAddrmsg)
	h[0], h[1] = family(p.Addr()), uint8(p.Bits())
	binary.NativeEndian.PutUint32(h[4:], uint32(index))
	w := NewAttrWriter(h)
	w.Raw(unix.IFA_LOCAL, p.Addr().AsSlice())
	w.Raw(unix.IFA_ADDRESS, p.Addr().AsSlice())
	return Request{
		Type: unix.RTM_NEWADDR, Flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, Body: w.Bytes(),
		Header: unix.SizeofIfAddrmsg, Label: fmt.Sprintf("add address %v", p),
	}
}

func family(a netip.Addr) uint8 {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// rtmsg is struct rtmsg for a route in the main table.
func rtmsg(p netip.Prefix) []byte {
	b := make([]byte, unix.SizeofRtMsg)
	b[0], b[1] = family(p.Addr()), uint8(p.Bits())
	b[4], b[5], b[6], b[7] = unix.RT_TABLE_MAIN, unix.RTPROT_STATIC, unix.RT_SCOPE_LINK, unix.RTN_UNICAST
	return b
}

// newRoute adds a device route.
func newRoute(index int32, p netip.Prefix) Request {
	w := NewAttrWriter(rtmsg(p))
	w.Raw(unix.RTA_DST, p.Addr().AsSlice())
	w.U32(unix.RTA_OIF, uint32(index))
	return Request{
		Type: unix.RTM_NEWROUTE, Flags: unix.NLM_F_CREATE | unix.NLM_F_EXCL, Body: w.Bytes(),
		Header: unix.SizeofRtMsg, Label: fmt.Sprintf("add route %v", p),
	}
}

// listRoutes dumps the IPv4 routes of the main table with a protocol, which
// the kernel only filters under strict checking.
func listRoutes(protocol uint8) Request {
	h := make([]byte, unix.SizeofRtMsg)
	h[0], h[5] = unix.AF_INET, protocol
	w := NewAttrWriter(h)
	w.U32(unix.RTA_TABLE, unix.RT_TABLE_MAIN)
	return Request{Type: unix.RTM_GETROUTE, Body: w.Bytes(), Header: unix.SizeofRtMsg, Label: "list routes"}
}

// attrOf finds an attribute of a message with a fixed header.
func attrOf(m Message, header int, typ uint16) (Attr, bool) {
	for a, err := range Attrs(m.Body[header:]) {
		if err != nil {
			return Attr{}, false
		}
		if a.Type == typ {
			return a, true
		}
	}
	return Attr{}, false
}

// linkName is the name in a link message.
func linkName(m Message) string {
	a, _ := attrOf(m, unix.SizeofIfInfomsg, unix.IFLA_IFNAME)
	return a.String()
}

// linkIndex is the index in a link message.
func linkIndex(m Message) int32 { return int32(binary.NativeEndian.Uint32(m.Body[4:])) }
