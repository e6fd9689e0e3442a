package pcap

import (
	"encoding/binary"
	"io"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Capture writes netlink messages as the records of a pcap file, with the link type
// that nlmon(4) devices have, so that Wireshark and tshark take them apart. WireGuard's
// keys are not in it. The messages of a dump's answer stay together as they came.
type Capture struct {
	_ [0]func() // no equality: it would be code

	// To are its readers: each record is one Write to each. One that fails gets no
	// more of them.
	To []io.Writer

	now func() time.Time // for tests
	mu  sync.Mutex
	b   []byte // record being written, kept for its memory
	err error
}

// Trace gives a function for nlcore.Options.Trace of sockets on one bus; sockets of
// all buses can share a Capture.
func (c *Capture) Trace(bus int) func(out bool, datagram []byte) {
	return func(out bool, datagram []byte) {
		c.mu.Lock()
		for len(datagram) > 0 {
			n := len(datagram)
			if n >= unix.NLMSG_HDRLEN && binary.NativeEndian.Uint16(datagram[6:])&unix.NLM_F_MULTI == 0 {
				n = messageLength(datagram)
			}
			c.record(bus, out, datagram[:n])
			datagram = datagram[n:]
		}
		c.mu.Unlock()
	}
}

// Err gives the error of a reader.
func (c *Capture) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// A Head is what stands before a datagram in a Capture.
type Head struct {
	_ [0]func() // no equality: it would be code

	seconds, nanoseconds, captured, length uint32

	// The header of nlmon(4), in network byte order.
	_      uint8
	packet uint8 // PACKET_USER or PACKET_KERNEL (linux/if_packet.h)
	device [2]uint8
	_      [11]uint8
	bus    uint8
}

// heads is the length of a Head, cooked that of nlmon's part.
const (
	heads  = 32
	cooked = 16
)

// At takes a record of a Capture apart.
func At(record []byte) (*Head, []byte) {
	return (*Head)(unsafe.Pointer(unsafe.SliceData(record))), record[heads:]
}

// Bus gives the number of the bus.
func (r *Head) Bus() int { return int(r.bus) }

// Out tells a message to the kernel.
func (r *Head) Out() bool { return r.packet == toKernel }

const (
	toUser = 6 + iota
	toKernel
)

func (c *Capture) record(bus int, out bool, b []byte) {
	at := time.Now()
	if c.now != nil {
		at = c.now()
	}
	c.b = append(append(AppendRecord(c.b[:0], at, cooked+len(b), cooked+len(b)), make([]byte, cooked)...), b...)
	r, b := At(c.b)
	r.bus, r.packet, r.device = uint8(bus), toUser, [2]uint8{unix.ARPHRD_NETLINK >> 8, unix.ARPHRD_NETLINK & 255}
	if out {
		r.packet = toKernel
	}
	if bus == unix.NETLINK_GENERIC {
		hide(b)
	}
	for i, w := range c.To {
		if _, err := w.Write(c.b); err != nil {
			c.err, c.To[i] = err, io.Discard
		}
	}
}
