package main

import (
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// openSocket opens a netlink socket of the calling thread's namespace, bound to
// a port ID of the kernel's choice.
func openSocket(proto int) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return -1, fmt.Errorf("netlink protocol %d: %w", proto, err)
	}
	return fd, unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
}

// message is a netlink message.
func message(typ, flags uint16, body []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(unix.NLMSG_HDRLEN+len(body)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = append(b, make([]byte, 8)...) // sequence and port ID 0
	b = append(b, body...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

func send(fd int, datagram []byte) error {
	return unix.Sendto(fd, datagram, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
}

// acked sends a datagram with requests and reads as many acks.
func acked(fd int, what string, datagram []byte, acks int) error {
	if err := send(fd, datagram); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for range acks {
		if err := ack(fd); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

func ack(fd int) error {
	b, err := receive(fd)
	if err != nil {
		return err
	}
	if len(b) < unix.NLMSG_HDRLEN+4 || binary.NativeEndian.Uint16(b[4:]) != unix.NLMSG_ERROR {
		return fmt.Errorf("not an ack: %x", b)
	}
	if errno := -int32(binary.NativeEndian.Uint32(b[unix.NLMSG_HDRLEN:])); errno != 0 {
		return unix.Errno(errno)
	}
	return nil
}

func receive(fd int) ([]byte, error) {
	b := make([]byte, 1<<16)
	n, _, err := unix.Recvfrom(fd, b, 0)
	return b[:max(n, 0)], err
}

// attr is an attribute; parts are its payload, or those nested in it.
func attr(typ uint16, parts ...[]byte) []byte {
	payload := slices.Concat(parts...)
	b := binary.NativeEndian.AppendUint16(nil, uint16(unix.NLA_HDRLEN+len(payload)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = append(b, payload...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

func nest(typ uint16, parts ...[]byte) []byte { return attr(typ|unix.NLA_F_NESTED, parts...) }
func text(typ uint16, v string) []byte        { return attr(typ, []byte(v), []byte{0}) }
func be16(typ uint16, v uint16) []byte        { return attr(typ, binary.BigEndian.AppendUint16(nil, v)) }
func be32(typ uint16, v uint32) []byte        { return attr(typ, binary.BigEndian.AppendUint32(nil, v)) }
