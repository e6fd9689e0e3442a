package nlcore

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A Capture writes netlink datagrams as a pcap file, with the link type that
// nlmon(4) devices have, so that Wireshark and tshark take them apart.
type Capture struct {
	w   io.Writer
	now func() time.Time

	mu  sync.Mutex
	b   []byte // record being written, kept for its memory
	err error
}

// The pcap format: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html.
// Numbers are in host byte order, which the magic shows; so are the messages.
const (
	pcapMagic    = 0xa1b23c4d // times in nanoseconds
	pcapMajor    = 2
	pcapMinor    = 4
	pcapLongest  = 1 << 20
	pcapLinkType = 253 // LINKTYPE_NETLINK
)

// The packet types of linux/if_packet.h, which the cooked header of a record
// begins with.
const (
	toUser   = 6 // PACKET_USER
	toKernel = 7 // PACKET_KERNEL
)

// NewCapture writes the file's header.
func NewCapture(w io.Writer) (*Capture, error) {
	e := binary.NativeEndian
	b := e.AppendUint32(nil, pcapMagic)
	b = e.AppendUint16(b, pcapMajor)
	b = e.AppendUint16(b, pcapMinor)
	b = append(b, make([]byte, 8)...)
	b = e.AppendUint32(b, pcapLongest)
	b = e.AppendUint32(b, pcapLinkType)
	if _, err := w.Write(b); err != nil {
		return nil, fmt.Errorf("begin capture: %w", err)
	}
	return &Capture{w: w, now: time.Now}, nil
}

// Trace gives a function for Options.Trace of sockets on one bus; sockets of
// all buses can share a Capture. Each record is one Write. After an error of
// the writer, which Err tells, nothing more is written.
func (c *Capture) Trace(bus int) func(out bool, datagram []byte) {
	return func(out bool, datagram []byte) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.err == nil {
			c.err = c.record(bus, out, datagram)
		}
	}
}

// Err gives the error that ended the capture.
func (c *Capture) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// record writes one datagram after its time, its length twice, and the cooked
// header of 16 bytes, whose numbers are in network byte order: direction,
// device type, ten bytes for an address that there is not, bus.
func (c *Capture) record(bus int, out bool, datagram []byte) error {
	e, now := binary.NativeEndian, c.now()
	length := uint32(len(datagram) + 16)
	b := e.AppendUint32(c.b[:0], uint32(now.Unix()))
	b = e.AppendUint32(b, uint32(now.Nanosecond()))
	b = e.AppendUint32(b, length)
	b = e.AppendUint32(b, length)
	direction := uint16(toUser)
	if out {
		direction = toKernel
	}
	b = binary.BigEndian.AppendUint16(b, direction)
	b = binary.BigEndian.AppendUint16(b, unix.ARPHRD_NETLINK)
	b = append(b, make([]byte, 10)...)
	b = binary.BigEndian.AppendUint16(b, uint16(bus))
	c.b = append(b, datagram...)
	if _, err := c.w.Write(c.b); err != nil {
		return fmt.Errorf("write capture: %w", err)
	}
	return nil
}
