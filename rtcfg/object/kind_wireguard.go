package object

import (
	"errors"
	"strings"

	"bootlink/nlcore"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

var wireguardKind = Kind{Name: "wireguard", Kconfig: "CONFIG_WIREGUARD", Module: "wireguard", Settings: &wireguardSpec,
	New: [][2]string{{"arp", "false"}, {"multicast", "false"}, {"mtu", "1420"}, {"addrgenmode", "none"}}}

var _ = kind(&wireguardKind)

// WireGuard is what a link of that kind has of its own, Peer a machine that it
// speaks with; see wg(8) and linux/wireguard.h. Both are told over generic netlink.
// A peer that the file does not name is somebody else's and stays.
const (
	WireGuard Class = "wireguard"
	Peer      Class = "peer"
)

// wireguardFamily is the generic netlink family.
const wireguardFamily = "wireguard"

var wireguardSpec = Spec{
	Class: WireGuard, Doc: "options of a wireguard, as `wg set`", Kconfig: "CONFIG_WIREGUARD",
	Family: wireguardFamily, New: unix.WG_CMD_SET_DEVICE, Del: unix.WG_CMD_SET_DEVICE, Get: unix.WG_CMD_GET_DEVICE, Header: unix.GENL_HDRLEN,
	Key: []string{"dev"},
	Rows: rowTable{
		{Key: "dev", Attr: unix.WGDEVICE_A_IFINDEX, Wire: U32, Form: LinkRef, Hidden: true},
		{Key: "private-key", Attr: unix.WGDEVICE_A_PRIVATE_KEY, Wire: Bytes, Form: KeyFile, Default: noKey, Same: sameSecret, Secret: true, Doc: "file that holds the private key, as `wg genkey` writes it; not readable by all"},
		{Key: "listen-port", Attr: unix.WGDEVICE_A_LISTEN_PORT, Wire: U16, Form: Integer, Min: 1, Default: "0", Auto: true, Kept: true, Doc: "UDP port; the kernel chooses one when none is said"},
		{Key: "fwmark", Attr: unix.WGDEVICE_A_FWMARK, Wire: U32, Form: Hex, Default: "0x0", Doc: "mark of the outer packets"},
	},
	Replace: true, Partial: true, Lazy: true, PerLink: true,
	Listed: &peerSpec, ListKey: "peers",
	Many: decodeWireGuard, Encode: encodeWireGuard,
}

var _ = spec(&wireguardSpec)

var peerSpec = Spec{
	Class: Peer, Doc: "machines that a wireguard speaks with, as `wg set DEV peer`", Kconfig: "CONFIG_WIREGUARD",
	Family: wireguardFamily, New: unix.WG_CMD_SET_DEVICE, Del: unix.WG_CMD_SET_DEVICE, Header: unix.GENL_HDRLEN,
	Key: []string{"public-key", "dev"},
	Rows: rowTable{
		{Key: "public-key", Attr: unix.WGPEER_A_PUBLIC_KEY, Wire: Bytes, Form: publicKey, Rare: &Rare{Need: `public-key = "..."`}, Doc: "the peer's public key, as `wg pubkey` writes it"},
		{Key: "dev", Wire: None, Form: LinkRef, Hidden: true},
		{Key: "preshared-key", Attr: unix.WGPEER_A_PRESHARED_KEY, Wire: Bytes, Form: KeyFile, Default: noKey, Secret: true, Doc: "file that holds the preshared key, as `wg genpsk` writes it"},
		{Key: "endpoint", Attr: unix.WGPEER_A_ENDPOINT, Wire: Bytes, Form: endpoint, Auto: true, Roams: true, Doc: "where the peer is at first: the kernel follows it when it moves"},
		{Key: "persistent-keepalive", Attr: unix.WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, Wire: U16, Form: Integer, Default: "0", Unit: "seconds", Doc: "time after which an empty packet is sent when there is no other; 0 for never"},
		{Key: "allowed-ips", Attr: unix.WGPEER_A_ALLOWEDIPS, Wire: Nested, Form: allowedIPs, Max: maxAllowed, Empty: true, Doc: "prefixes that are at the peer: they go there, and come from nowhere else"},
	},
	Replace: true, Partial: true, Lazy: true, Asks: []string{},
	Encode: encodePeer,
	Uses:   func(v Values) []ID { return []ID{{WireGuard, "dev " + v.Get("dev")}} },
	Join: func(o, more *Object) {
		all := strings.Fields(o.Values.Get("allowed-ips") + " " + more.Values.Get("allowed-ips"))
		o.Values.Set("allowed-ips", strings.Join(order.Unique(all), " "))
	},
}

var _ = spec(&peerSpec)

// maxAllowed is how many prefixes of IPv6 fit into a message.
const maxAllowed = 1200

// checkAllowed: a prefix is at one peer of a link.
func checkAllowed(d *Desired, faults *conf.Faults) {
	type place struct{ dev, prefix string }
	at := map[place]*Object{}
	for _, o := range d.Of(Peer) {
		for _, prefix := range strings.Fields(o.Values.Get("allowed-ips")) {
			here := place{o.Values.Get("dev"), prefix}
			if old := at[here]; old != nil {
				faults.Addf(o.Place("allowed-ips"), "another peer has it at "+old.Place("allowed-ips").String(), "%s is at two peers of link %q", prefix, here.dev)
			}
			at[here] = o
		}
	}
}

// encodeWireGuard makes WG_CMD_SET_DEVICE. A deletion is a link as it was made.
func encodeWireGuard(s *Spec, w *Write, header []byte, names Names) ([]byte, error) {
	v := w.Values
	if w.Op == Delete {
		v = w.only(s.Key)
		for i := range s.Rows {
			if initial, known := s.Rows[i].initial(); known {
				v.Set(s.Rows[i].Key, initial)
			}
		}
	}
	a := nlcore.NewAttrWriter(header)
	err := s.Rows.put(a, v, "", false, names)
	return a.Bytes(), errors.Join(err, a.Err())
}

// encodePeer makes WG_CMD_SET_DEVICE with one peer.
func encodePeer(s *Spec, w *Write, header []byte, names Names) ([]byte, error) {
	index, err := names.Index(w.Values.Get("dev"))
	if err != nil {
		return nil, err
	}
	v, flags := w.Values, uint32(0)
	if v.Has("allowed-ips") {
		flags = unix.WGPEER_F_REPLACE_ALLOWEDIPS
	}
	switch w.Op {
	case Change:
		flags |= unix.WGPEER_F_UPDATE_ONLY
	case Delete:
		v, flags = w.only(s.Key), unix.WGPEER_F_REMOVE_ME
	}
	a := nlcore.NewAttrWriter(header)
	a.U32(unix.WGDEVICE_A_IFINDEX, index)
	a.Nest(unix.WGDEVICE_A_PEERS, func() {
		a.Nest(0, func() {
			a.U32(unix.WGPEER_A_FLAGS, flags)
			err = s.Rows.put(a, v, "", false, names)
		})
	})
	return a.Bytes(), errors.Join(err, a.Err())
}

// decodeWireGuard reads a part of a link: itself, which only the first part tells,
// and some of its peers. What one message cannot hold of a peer stands in the next.
func decodeWireGuard(s *Spec, body []byte, link string, names Names) (list []*Object, err error) {
	if len(body) < s.Header {
		return nil, unix.EBADMSG
	}
	v := NewValues()
	if err := s.Rows.get(body[s.Header:], v, "", false, names); err != nil {
		return nil, err
	}
	if v.Get("dev") != "" {
		list = append(list, s.Settled(v))
	}
	peers := within(body[s.Header:], unix.WGDEVICE_A_PEERS)
	for peer, err := range nlcore.Attrs(peers) {
		v := NewValues("dev", link)
		if err == nil {
			err = peerSpec.Rows.get(peer.Data, v, "", false, names)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, peerSpec.Settled(v))
	}
	return list, nil
}
