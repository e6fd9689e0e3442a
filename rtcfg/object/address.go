package object

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// scopes are rtnetlink's, in iproute2's words.
var scopes = []Word{
	{"global", unix.RT_SCOPE_UNIVERSE}, {"site", unix.RT_SCOPE_SITE}, {"link", unix.RT_SCOPE_LINK},
	{"host", unix.RT_SCOPE_HOST}, {"nowhere", unix.RT_SCOPE_NOWHERE},
}

// addressRows are the attributes of an address beside its identity (local,
// peer, link).
var addressRows = rowTable{
	{Key: "peer", Wire: None, Form: IP, Cost: Recreate, Doc: "the other end of a point-to-point link"},
	{Key: "broadcast", Attr: unix.IFA_BROADCAST, Wire: Bytes, Form: IP, Cost: Recreate, Doc: "broadcast address (IPv4)"},
	{Key: "label", Attr: unix.IFA_LABEL, Wire: Text, Form: String, Max: maxLinkName, Cost: Recreate, Doc: "label (IPv4); begins with the link's name"},
	{Key: "scope", Wire: None, Form: Enum, Enum: scopes, Cost: Recreate, Doc: "where the address is valid"},
}

// AddressRow gives the row of an address's key, or nil.
func AddressRow(key string) *Row { return addressRows.key(key) }

// AddressID names an address: its prefix, its peer if it has one, its link.
func AddressID(local netip.Prefix, peer, dev string) ID {
	name := local.String()
	if peer != "" {
		name += " peer " + peer
	}
	return ID{Address, name + " dev " + dev}
}

// setAddress fills in identity and what the kernel makes of what is not said.
func (o *Object) setAddress(local netip.Prefix, dev string) {
	o.Values["local"], o.Values["dev"] = local.String(), dev
	o.ID = AddressID(local, o.Values["peer"], dev)
}

// Local is an address object's address and prefix length.
func (o *Object) Local() netip.Prefix {
	p, _ := netip.ParsePrefix(o.Values["local"])
	return p
}

func family(ip netip.Addr) uint8 {
	if ip.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

func (w *Write) address(names Names, protocol uint8) (nlcore.Request, error) {
	local, err := netip.ParsePrefix(w.Values["local"])
	if err != nil {
		return nlcore.Request{}, err
	}
	index, err := names.Index(w.Values["dev"])
	if err != nil {
		return nlcore.Request{}, err
	}
	header := make([]byte, unix.SizeofIfAddrmsg)
	header[0], header[1] = family(local.Addr()), uint8(local.Bits())
	header[3] = wordValue(scopes, w.Values["scope"])
	binary.NativeEndian.PutUint32(header[4:], index)
	a := nlcore.NewAttrWriter(header)
	w.addressPair(a, local.Addr())
	typ := uint16(unix.RTM_DELADDR)
	if w.Op != Delete {
		typ = unix.RTM_NEWADDR
		err = addressRows.put(a, w.present(), "", false, names)
		a.U8(ifaProto, w.protocol(protocol))
	}
	name := func(path []uint16) string { return addressRows.name(path, false) }
	return nlcore.Request{Type: typ, Flags: w.flags(), Body: a.Bytes(), Header: len(header), Name: name}, err
}

// protocol is whose the address is: another's that comes back stays another's.
func (w *Write) protocol(ours uint8) uint8 {
	if p, err := strconv.ParseUint(w.Values["proto"], 10, 8); err == nil {
		return uint8(p)
	}
	return ours
}

// addressPair writes IFA_LOCAL and IFA_ADDRESS: the same twice, or the peer as
// the second (IPv6 with a single address takes IFA_LOCAL alone just as well).
func (w *Write) addressPair(a *nlcore.AttrWriter, local netip.Addr) {
	far := local
	if peer, err := netip.ParseAddr(w.Values["peer"]); err == nil {
		far = peer
	}
	a.Raw(unix.IFA_LOCAL, local.AsSlice())
	a.Raw(unix.IFA_ADDRESS, far.AsSlice())
}

// addressScope is iproute2's choice for an IPv4 address when none is given:
// host for loopback. Of IPv6 addresses the kernel makes the scope.
func addressScope(local netip.Addr) string {
	if local.IsLoopback() {
		return "host"
	}
	return "global"
}

// DecodeAddress reads an RTM_NEWADDR message.
func DecodeAddress(body []byte, names Names, protocol uint8) (*Object, error) {
	if len(body) < unix.SizeofIfAddrmsg {
		return nil, fmt.Errorf("an address message of %d bytes", len(body))
	}
	attrs := body[unix.SizeofIfAddrmsg:]
	o := &Object{ID: ID{Class: Address}, Values: Values{"broadcast": "", "proto": "0"}}
	if err := addressRows.get(attrs, o.Values, "", false, names); err != nil {
		return nil, err
	}
	o.Values["scope"], _ = unpackEnum(addressRows.key("scope"), value{num: uint64(body[3])}, nil)
	near, far, err := o.addressPairOf(attrs, protocol)
	if err != nil {
		return nil, err
	}
	if far.IsValid() && far != near {
		o.Values["peer"] = far.String()
	}
	local := netip.PrefixFrom(near, int(body[1]))
	if !local.IsValid() {
		return nil, fmt.Errorf("an address message for %s/%d", near, body[1])
	}
	o.setAddress(local, names.Name(binary.NativeEndian.Uint32(body[4:])))
	return o, nil
}

func (o *Object) addressPairOf(attrs []byte, protocol uint8) (near, far netip.Addr, err error) {
	for a, err := range nlcore.Attrs(attrs) {
		if err != nil {
			return near, far, err
		}
		switch a.Type {
		case unix.IFA_LOCAL:
			near, _ = netip.AddrFromSlice(a.Data)
		case unix.IFA_ADDRESS:
			far, _ = netip.AddrFromSlice(a.Data)
		case ifaProto:
			p, _ := a.Uint8()
			o.Ours, o.Values["proto"] = p == protocol, strconv.Itoa(int(p))
		case unix.IFA_FLAGS:
			flags, _ := a.Uint32()
			o.Values["tentative"] = strconv.FormatBool(flags&unix.IFA_F_TENTATIVE != 0)
			o.Values["dadfailed"] = strconv.FormatBool(flags&unix.IFA_F_DADFAILED != 0)
			o.Values["secondary"] = strconv.FormatBool(flags&unix.IFA_F_SECONDARY != 0)
		}
	}
	if !near.IsValid() {
		near, far = far, netip.Addr{}
	}
	if !near.IsValid() {
		return near, far, fmt.Errorf("an address message without an address")
	}
	return near, far, nil
}
