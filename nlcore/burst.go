package nlcore

import (
	"encoding/binary"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// burstMessages is how many datagrams one recvmmsg(2) takes at most, unless
// Options.Burst says otherwise; more gained nothing when it was measured.
const burstMessages = 32

// ownNSID stands for the socket's own network namespace: the kernel's
// NETNSA_NSID_NOT_ASSIGNED.
const ownNSID = -1

// A burst is the transport of a subscription: one recvmmsg(2) takes many
// datagrams from the kernel's queue, and receive hands them out one by one.
type burst struct {
	*socket
	r        reading
	msgs     []unix.Mmsghdr // msgs[i] points into slots[i]
	slots    []slot
	size     int // length in bytes of a slot's buffer
	have, at int // how many slots are filled, and which is next
}

// A slot holds one datagram and what the kernel says about it.
type slot struct {
	b       []byte
	iov     unix.Iovec
	from    unix.RawSockaddrNetlink
	control [64]byte // room for both control messages, 24 bytes each at most
}

func newBurst(s *socket, messages int) *burst {
	if messages <= 0 {
		messages = burstMessages
	}
	b := &burst{socket: s, msgs: make([]unix.Mmsghdr, messages), slots: make([]slot, messages)}
	b.r.init(b.recvmmsg)
	return b
}

// receive gives the next datagram. It lies in a slot until the next system
// call; of own only the length counts, which is then that of a slot.
func (b *burst) receive(own []byte, wait bool) (datagram, error) {
	if b.at == b.have {
		b.resize(len(own))
		if err := b.fill(wait); err != nil {
			return datagram{}, err
		}
	}
	d := b.slots[b.at].datagram(&b.msgs[b.at])
	b.at++
	return d, nil
}

// resize gives the slots their buffers.
func (b *burst) resize(size int) {
	if size == b.size {
		return
	}
	all := make([]byte, size*len(b.slots))
	for i := range b.slots {
		b.slots[i].b = all[i*size : (i+1)*size : (i+1)*size]
	}
	b.size = size
}

// fill reads as many datagrams as there are and fit; at least one.
func (b *burst) fill(wait bool) error {
	b.at, b.have = 0, 0
	for i := range b.slots {
		b.slots[i].offer(&b.msgs[i])
	}
	b.r.wait = wait
	if err := b.raw.Read(b.r.try); err != nil {
		return b.gone(err)
	}
	return b.r.err
}

// recvmmsg is one system call. An error that comes after the first datagram is
// kept by the kernel for the next call.
func (b *burst) recvmmsg(fd int) error {
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(fd),
		uintptr(unsafe.Pointer(&b.msgs[0])), uintptr(len(b.msgs)), unix.MSG_DONTWAIT|unix.MSG_TRUNC, 0, 0)
	if errno != 0 {
		return errno
	}
	b.have = int(n)
	return nil
}

// offer points m at the slot; the kernel overwrites the lengths each time.
func (s *slot) offer(m *unix.Mmsghdr) {
	s.iov.Base = &s.b[0]
	s.iov.SetLen(len(s.b))
	m.Hdr.Name, m.Hdr.Namelen = (*byte)(unsafe.Pointer(&s.from)), unix.SizeofSockaddrNetlink
	m.Hdr.Iov = &s.iov
	m.Hdr.SetIovlen(1)
	m.Hdr.Control = &s.control[0]
	m.Hdr.SetControllen(len(s.control))
}

// datagram reads a slot that the kernel filled.
func (s *slot) datagram(m *unix.Mmsghdr) datagram {
	full := int(m.Len)
	d := datagram{b: s.b[:min(full, len(s.b))], full: full, from: noPort, nsid: ownNSID}
	if m.Hdr.Namelen >= unix.SizeofSockaddrNetlink && s.from.Family == unix.AF_NETLINK {
		d.from = s.from.Pid
	}
	d.notes(s.control[:min(int(m.Hdr.Controllen), len(s.control))])
	return d
}

// notes reads the control messages of netlink_cmsg_recv_pktinfo and
// netlink_cmsg_listen_all_nsid, four bytes each.
func (d *datagram) notes(b []byte) {
	for len(b) >= unix.SizeofCmsghdr {
		h, v, rest, err := unix.ParseOneSocketControlMessage(b)
		if err != nil {
			return
		}
		b = rest
		if h.Level != unix.SOL_NETLINK || len(v) < 4 {
			continue
		}
		switch h.Type {
		case unix.NETLINK_PKTINFO:
			d.group = binary.NativeEndian.Uint32(v)
		case unix.NETLINK_LISTEN_ALL_NSID:
			d.nsid = int32(binary.NativeEndian.Uint32(v))
		}
	}
}

// memberships reads the socket's groups: a bit each, in words of 32 bits. The
// kernel tells how many bytes it has, whatever room it was given.
func memberships(fd int) ([]uint32, error) {
	words := make([]uint32, 2)
	for {
		n := uint32(4 * len(words))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_NETLINK,
			unix.NETLINK_LIST_MEMBERSHIPS, uintptr(unsafe.Pointer(&words[0])), uintptr(unsafe.Pointer(&n)), 0)
		if errno != 0 {
			return nil, os.NewSyscallError("getsockopt NETLINK_LIST_MEMBERSHIPS", errno)
		}
		if int(n) <= 4*len(words) {
			return groupsOf(words[:n/4]), nil
		}
		words = make([]uint32, n/4)
	}
}

// groupsOf gives the numbers of the bits that are set; group 1 is bit 0.
func groupsOf(words []uint32) []uint32 {
	var groups []uint32
	for i, w := range words {
		for bit := range uint32(32) {
			if w&(1<<bit) != 0 {
				groups = append(groups, uint32(i)*32+bit+1)
			}
		}
	}
	return groups
}
