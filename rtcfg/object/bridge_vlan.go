package object

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// BridgeVLAN is a VLAN on a port of a bridge that filters VLANs, or on the
// bridge itself; see bridge(8), `bridge vlan`, and linux/if_bridge.h. The list in
// the file is all that a port has: the kernel's VLAN 1 goes if it is not there.
const BridgeVLAN Class = "vlan"

var bridgeVLANSpec = Spec{
	Class: BridgeVLAN, Doc: "VLANs of a bridge's port, or of the bridge itself", Kconfig: "CONFIG_BRIDGE_VLAN_FILTERING",
	New: unix.RTM_SETLINK, Del: unix.RTM_DELLINK, Get: unix.RTM_GETLINK, Header: unix.SizeofIfInfomsg,
	Key: []string{"vid", "dev"},
	Rows: rowTable{
		{Key: "vid", Wire: None, Form: rangeForm, Max: 4094, Rare: &Rare{Need: "vid = 10"}, Doc: "VLAN ID, or a range of them"},
		{Key: "dev", Wire: None, Form: LinkRef, Hidden: true},
		{Key: "self", Wire: None, Form: Boolean, Default: "false", Hidden: true},
		{Key: "pvid", Wire: None, Form: Boolean, Default: "false", Doc: "untagged frames that come in belong to it"},
		{Key: "untagged", Wire: None, Form: Boolean, Default: "false", Doc: "frames go out without a tag"},
	},
	Replace: true, Lazy: true, Complete: true,
	Asks: []string{""}, Ask: askBridgeVLANs, Many: decodeBridgeVLANs, Encode: encodeBridgeVLAN,
}

var _ = spec(&bridgeVLANSpec)

var rangeForm = &Form{"number or range", ints | texts, parseVLANs, nil, nil}

func parseVLANs(r *Row, n *conf.Node) (string, error) { return parseRange(r, n, 4094) }

// bridgeVLANs reads vlans = [10, "20-29", { vid = 30, pvid = true }].
func (d *decoder) bridgeVLANs(o *Object, e conf.Entry, self bool) {
	for _, item := range d.list(e.Value) {
		given := NewValues("dev", o.Name)
		if self {
			given.Set("self", "true")
		}
		if item.Kind != conf.Table {
			text, err := bridgeVLANSpec.Rows.key("vid").Parse(item)
			if d.fault(item.Pos, err); err == nil {
				d.vlanRange(&Object{Values: given, Pos: item.Pos}, text)
			}
			continue
		}
		if r := bridgeVLANSpec.read(d, item, given); r != nil {
			d.vlanRange(r, r.Values.Get("vid"))
		}
	}
}

// vlanRange adds an object for each VLAN of a range.
func (d *decoder) vlanRange(o *Object, text string) {
	from, to, err := rangeEnds(text)
	if err != nil || from < 1 {
		d.faults.Addf(o.Pos, "1 to 4094 are allowed", "VLAN %s is out of range", text)
		return
	}
	if o.Values.Get("pvid") == "true" && from != to {
		d.faults.Addf(o.Pos, "give pvid to one VLAN", "VLANs %s cannot all be those of untagged frames", text)
	}
	for vid := from; vid <= to; vid++ {
		v := o.Values.Clone()
		v.Set("vid", strconv.FormatUint(vid, 10))
		one := &Object{ID: ID{Class: BridgeVLAN}, Values: v, At: o.At, Pos: o.Pos}
		bridgeVLANSpec.settle(one)
		d.add(one)
	}
}

// Flags of struct bridge_vlan_info, and of IFLA_BRIDGE_FLAGS.
const (
	vlanPVID     = 1 << 1
	vlanUntagged = 1 << 2
	vlanBegin    = 1 << 3
	vlanEnd      = 1 << 4

	bridgeFlags     = 0      // IFLA_BRIDGE_FLAGS
	bridgeVLANInfo  = 2      // IFLA_BRIDGE_VLAN_INFO
	bridgeSelf      = 2      // BRIDGE_FLAGS_SELF
	filterBridgeMap = 1 << 2 // RTEXT_FILTER_BRVLAN_COMPRESSED
)

func encodeBridgeVLAN(_ *Spec, w *Write, header []byte, names Names) ([]byte, error) {
	index, err := names.Index(w.Values.Get("dev"))
	if err != nil {
		return nil, err
	}
	header[0] = unix.AF_BRIDGE
	binary.NativeEndian.PutUint32(header[4:], index)
	a := nlcore.NewAttrWriter(header)
	a.Nest(unix.IFLA_AF_SPEC, func() {
		if w.Values.Get("self") == "true" {
			a.U16(bridgeFlags, bridgeSelf)
		}
		var flags uint16
		if w.Values.Get("pvid") == "true" {
			flags |= vlanPVID
		}
		if w.Values.Get("untagged") == "true" {
			flags |= vlanUntagged
		}
		info := binary.NativeEndian.AppendUint16(nil, flags)
		a.Raw(bridgeVLANInfo, binary.NativeEndian.AppendUint16(info, uint16(number(w.Values.Get("vid")))))
	})
	return a.Bytes(), a.Err()
}

func askBridgeVLANs(header []byte) []byte {
	header[0] = unix.AF_BRIDGE
	a := nlcore.NewAttrWriter(header)
	a.U32(unix.IFLA_EXT_MASK, filterBridgeMap)
	return a.Bytes()
}

// decodeBridgeVLANs reads a port with all its VLANs.
func decodeBridgeVLANs(s *Spec, body []byte, _ string, names Names) ([]*Object, error) {
	if len(body) < unix.SizeofIfInfomsg {
		return nil, fmt.Errorf("a bridge message of %d bytes", len(body))
	}
	index := binary.NativeEndian.Uint32(body[4:])
	dev, self := names.Name(index), "false"
	var vlans []byte
	for a, err := range nlcore.Attrs(body[unix.SizeofIfInfomsg:]) {
		if err != nil {
			return nil, err
		}
		switch a.Type {
		case unix.IFLA_MASTER:
			if master, _ := a.Uint32(); master == index {
				self = "true"
			}
		case unix.IFLA_AF_SPEC:
			vlans = a.Data
		}
	}
	var list []*Object
	var from, vid uint16
	for a, err := range nlcore.Attrs(vlans) {
		if err != nil {
			return nil, err
		}
		if a.Type != bridgeVLANInfo || len(a.Data) < 4 {
			continue
		}
		flags := binary.NativeEndian.Uint16(a.Data)
		vid = binary.NativeEndian.Uint16(a.Data[2:])
		if flags&vlanEnd == 0 {
			from = vid
		}
		if flags&vlanBegin != 0 {
			continue
		}
		for ; from <= vid; from++ {
			o := &Object{Values: NewValues("vid", strconv.Itoa(int(from)), "dev", dev, "self", self,
				"pvid", strconv.FormatBool(flags&vlanPVID != 0), "untagged", strconv.FormatBool(flags&vlanUntagged != 0))}
			s.settle(o)
			list = append(list, o)
		}
	}
	return list, nil
}

// isVLANs tells the key that lists VLANs.
func isVLANs(table, key string) bool {
	return key == "vlans" && strings.TrimSuffix(table, "_port") == "bridge"
}
