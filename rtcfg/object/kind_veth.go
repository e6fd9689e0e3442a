package object

import (
	"bootlink/nlcore"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// veth: both ends come into being with one message. The kernel takes the
// peer's name in a nest of its own (VETH_INFO_PEER: an ifinfomsg and link
// attributes) and afterwards shows the peer's index as IFLA_LINK.
var vethKind = Kind{
	Name: "veth", Kconfig: "CONFIG_VETH", Module: "veth",
	Rows: rowTable{
		{Key: "peer", Attr: vethInfoPeer, Wire: Bytes, Form: vethPeer, Cost: Recreate, Peer: true,
			Doc: "the other end's name"},
		{Key: "peer", Attr: unix.IFLA_LINK, Wire: U32, Form: LinkRef, Cost: Recreate, Top: true, Peer: true},
	},
	Check: checkVeth,
}

var _ = kind(&vethKind)

var vethPeer = Form{"link", parseLinkName, packVethPeer, nil}

func packVethPeer(_ *Row, text string, _ Names) (value, error) {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.String(unix.IFLA_IFNAME, text)
	return value{raw: w.Bytes()}, nil
}

func checkVeth(o *Object, faults *conf.Faults) {
	LookupKind("veth").need(o, faults, "peer", `veth = { peer = "v1" }`)
	if o.Values["veth.peer"] == o.Name {
		faults.Addf(o.Place("veth.peer"), "give the other end a name of its own", "link %q is its own peer", o.Name)
	}
}
