package pcap

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// hide overwrites keys in messages of generic netlink. The only ones that a router's
// messages hold are WireGuard's private and preshared keys. The number of its family
// differs from boot to boot, so any attribute with the place and the length of such
// a key is taken for one.
func hide(b []byte) {
	for len(b) >= unix.NLMSG_HDRLEN {
		n := messageLength(b)
		at := unix.NLMSG_HDRLEN + unix.GENL_HDRLEN
		if binary.NativeEndian.Uint16(b[4:]) == unix.NLMSG_ERROR {
			at *= 2 // a kernel without NETLINK_CAP_ACK repeats the request
		}
		hideKeys(b[min(at, n):n], 0)
		b = b[n:]
	}
}

// messageLength gives the length with padding of the message at the start of b, where
// there is a header; that of b if it does not hold all of the message.
func messageLength(b []byte) int {
	n := binary.NativeEndian.Uint32(b)
	if n < unix.NLMSG_HDRLEN || n > uint32(len(b)) {
		return len(b)
	}
	return min(int(n+3)&^3, len(b))
}

const (
	keyLength = 32 // WG_KEY_LEN
	typeMask  = 0x3fff
)

// hideKeys overwrites keys in the attributes of a device (depth 0), its list of
// peers (1), and a peer (2).
func hideKeys(b []byte, depth int) {
	for len(b) > unix.NLA_HDRLEN {
		n := max(unix.NLA_HDRLEN, int(binary.NativeEndian.Uint16(b)))
		typ := binary.NativeEndian.Uint16(b[2:]) & typeMask
		data := b[unix.NLA_HDRLEN:min(n, len(b))]
		place := depth<<8 | int(typ)
		switch {
		case n == unix.NLA_HDRLEN+keyLength && (place == unix.WGDEVICE_A_PRIVATE_KEY || place == 2<<8|unix.WGPEER_A_PRESHARED_KEY):
			for i := range data {
				data[i] = '*'
			}
		case depth == 1 || place == unix.WGDEVICE_A_PEERS:
			hideKeys(data, depth+1)
		}
		b = b[min((n+3)&^3, len(b)):]
	}
}
