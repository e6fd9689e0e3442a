package object

import "golang.org/x/sys/unix"

// dsa: a port of a switch chip. Its frames go through the conduit, the port of
// the processor. Since 6.1 the kernel tells the kind and can change the conduit;
// older ones tell it as IFLA_LINK of a device that has no kind.
var dsaKind = Kind{
	Name: "dsa", Kconfig: "CONFIG_NET_DSA", Module: "dsa_core", Hardware: true,
	Rows: rowTable{
		{Key: "conduit", Attr: unix.IFLA_DSA_CONDUIT, Wire: U32, Form: LinkRef, Rare: &Rare{Since: "6.1"}, Doc: "the link to the processor"},
	},
}

var _ = kind(&dsaKind)

// knowConduit gives a switch's port on an older kernel its kind.
func (o *Object) knowConduit(names Names) {
	if o.Values.Get("kind") == "" && o.Below != 0 && o.Below != o.Index && !o.Abroad {
		o.Values.Set("kind", dsaKind.Name)
		o.Values.Set("dsa.conduit", names.Name(o.Below))
	}
}

// Conduit gives the link through which a switch's port reaches the processor; ""
// if the link is no such port.
func Conduit(v Values) string { return v.Get("dsa.conduit") }
