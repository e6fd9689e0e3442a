package nlcore

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// A Message is one netlink message without its length field; see struct
// nlmsghdr in linux/netlink.h. Numbers are in host byte order.
type Message struct {
	Type   uint16
	Flags  uint16 // NLM_F_*
	Seq    uint32 // the request's in a reply; 0 in a notification
	PortID uint32 // who caused the message; 0 is the kernel
	Body   []byte // fixed header and attributes
}

// align rounds n up to netlink's alignment of four bytes, which messages
// (NLMSG_ALIGNTO) and attributes (NLA_ALIGNTO) share.
func align(n int) int { return (n + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1) }

// appendMessage appends m, padded to the next message's place. NLMSG_HDRLEN
// is itself a multiple of the alignment.
func appendMessage(b []byte, m Message) []byte {
	e := binary.NativeEndian
	b = e.AppendUint32(b, uint32(unix.NLMSG_HDRLEN+len(m.Body)))
	b = e.AppendUint16(b, m.Type)
	b = e.AppendUint16(b, m.Flags)
	b = e.AppendUint32(b, m.Seq)
	b = e.AppendUint32(b, m.PortID)
	b = append(b, m.Body...)
	return append(b, make([]byte, align(len(m.Body))-len(m.Body))...)
}

// cutMessage takes the first message off b; Body points into b. It reports
// false when b does not start with a whole message.
func cutMessage(b []byte) (m Message, rest []byte, ok bool) {
	if len(b) < unix.NLMSG_HDRLEN {
		return Message{}, nil, false
	}
	e := binary.NativeEndian
	n := e.Uint32(b)
	if n < unix.NLMSG_HDRLEN || uint64(n) > uint64(len(b)) {
		return Message{}, nil, false
	}
	m = Message{
		Type:   e.Uint16(b[4:]),
		Flags:  e.Uint16(b[6:]),
		Seq:    e.Uint32(b[8:]),
		PortID: e.Uint32(b[12:]),
		Body:   b[unix.NLMSG_HDRLEN:n:n],
	}
	return m, b[min(align(int(n)), len(b)):], true
}
