package object

import (
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// veth: both ends come into being with one message. The kernel takes the
// peer's name in a nest of its own (VETH_INFO_PEER: an ifinfomsg and link
// attributes) and afterwards shows the peer's index as IFLA_LINK. Of a peer
// in another namespace it tells only that it is elsewhere.
var vethKind = Kind{
	Name: "veth", Kconfig: "CONFIG_VETH", Module: "veth",
	Rows: rowTable{
		{Key: "peer", Attr: vethInfoPeer, Wire: Bytes, Form: vethPeer, Cost: Recreate, Peer: true,
			Doc: "the other end's name"},
		{Key: "peer", Attr: unix.IFLA_LINK, Wire: U32, Form: LinkRef, Cost: Recreate, Top: true, Peer: true},
		{Key: "netns", Attr: vethInfoPeer, Wire: Bytes, Form: vethAbroad, Cost: Recreate, Doc: "the namespace of the other end, a name below /run/netns"},
	},
	Derive: deriveVeth, Check: checkVeth,
}

var _ = kind(&vethKind)

var vethPeer = &Form{"link", texts, parseLinkName, packVethPeer, nil}

func packVethPeer(_ *Row, text string, _ Names) (value, error) {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.String(unix.IFLA_IFNAME, text)
	return value{raw: w.Bytes()}, nil
}

// vethAbroad is "peer@namespace": a peer that is no link of ours.
var vethAbroad = &Form{"namespace", texts, parseNamespace, packVethAbroad, nil}

func parseNamespace(r *Row, n *conf.Node) (string, error) {
	text, err := parseString(r, n)
	if err == nil && (text == "" || strings.ContainsAny(text, "/@")) {
		return "", wrong(n, "write its name, like \"blue\"", "%q is not a namespace's name", text)
	}
	return text, err
}

func packVethAbroad(_ *Row, text string, names Names) (value, error) {
	peer, netns, _ := strings.Cut(text, "@")
	spaces, ok := names.(Namespaces)
	if !ok {
		return value{}, unix.EOPNOTSUPP
	}
	fd, err := spaces.Namespace(netns)
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.String(unix.IFLA_IFNAME, peer)
	w.U32(unix.IFLA_NET_NS_FD, fd)
	return value{raw: w.Bytes()}, err
}

func deriveVeth(v Values, prefix string) {
	peer, netns := v.Get(prefix+"peer"), v.Get(prefix+"netns")
	if netns != "" && peer != "" {
		v.Set(prefix+"netns", peer+"@"+netns)
		v.Drop(prefix + "peer")
	}
}

func checkVeth(o *Object, faults *conf.Faults) {
	need(o, faults, "peer", `veth = { peer = "v1" }`)
	if o.Values.Get("veth.peer") == o.Name {
		faults.Addf(o.Place("veth.peer"), "give the other end a name of its own", "link %q is its own peer", o.Name)
	}
}
