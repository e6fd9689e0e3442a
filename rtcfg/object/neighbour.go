package object

import (
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// Neighbour is a permanent entry of the neighbour table (ARP, NDP), or an
// address that we answer for; see ip-neighbour(8) and linux/neighbour.h. Its
// header is struct ndmsg.
const Neighbour Class = "neighbour"

var neighbourSpec = Spec{
	Class: Neighbour, Section: "neighbour", Doc: "permanent neighbours, and addresses that are answered for (proxy)",
	New: unix.RTM_NEWNEIGH, Del: unix.RTM_DELNEIGH, Get: unix.RTM_GETNEIGH, Header: unix.SizeofNdMsg,
	Key:  []string{"to", "proxy", "dev"},
	Mark: Row{Key: "protocol", Attr: ndaProtocol, Wire: U8, Form: Integer},
	Asks: []string{"family inet", "family inet6", "family inet proxy true", "family inet6 proxy true"},
	Rows: rowTable{
		{Key: "family", Attr: 0, Wire: Head8, Form: Enum, Enum: families, Hidden: true},
		{Key: "state", Attr: 8, Wire: Head16, Form: Code, Enum: []Word{{"permanent", unix.NUD_PERMANENT}}, Default: "permanent", Hidden: true},
		{Key: "to", Attr: unix.NDA_DST, Wire: Bytes, Form: IP, Rare: &Rare{Need: `to = "192.168.10.9"`}, Doc: "address of the neighbour"},
		{Key: "dev", Attr: 4, Wire: Head32, Form: LinkRef, Rare: &Rare{Need: `dev = "br-lan"`}, Doc: "the link that it is on"},
		{Key: "lladdr", Attr: unix.NDA_LLADDR, Wire: Bytes, Form: MAC, Doc: "its link-layer address"},
		{Key: "proxy", Attr: 10, Wire: HeadBits8, Bit: unix.NTF_PROXY, Form: Boolean, Default: "false", Doc: "no neighbour, but an address that this router answers for"},
		{Key: "router", Attr: 10, Wire: HeadBits8, Bit: unix.NTF_ROUTER, Form: Boolean, Default: "false", Doc: "it is a router (IPv6)"},
	},
	Replace: true, Sticks: true, Over: true, NeedsUp: true, NeedsMAC: true, Lazy: true,
	Derive: deriveNeighbour, Check: checkNeighbour,
	Hide: func(v Values) bool { return v.Get("state") != "permanent" && v.Get("proxy") != "true" },
}

var _ = spec(&neighbourSpec)

func deriveNeighbour(v Values) {
	v.Set("family", textFamily(v.Get("to")))
	if v.Get("proxy") == "true" {
		v.Drop("state")
	}
}

func checkNeighbour(o *Object, faults *conf.Faults) {
	switch proxy, lladdr := o.Values.Get("proxy") == "true", o.Values.Get("lladdr") != ""; {
	case proxy && lladdr:
		faults.Addf(o.Place("lladdr"), "take out lladdr or proxy", "neighbour %s is answered for and has an address of its own", o.Values.Get("to"))
	case !proxy && !lladdr:
		faults.Addf(o.Pos, `add lladdr = "02:00:00:00:00:09", or proxy = true`, "neighbour %s without its link-layer address", o.Values.Get("to"))
	}
}
