//go:build guest

package hellobye

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// checksum is RFC 1071's.
func checksum(b []byte) uint16 {
	var sum uint32
	for i, c := range b {
		sum += uint32(c) << (8 * (1 - i&1))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// echo is an ICMP echo message with n bytes of data.
func echo(typ byte, seq uint16, n int) []byte {
	b := make([]byte, 8+n)
	b[0] = typ
	binary.BigEndian.PutUint16(b[4:], 0xbeef)
	binary.BigEndian.PutUint16(b[6:], seq)
	for i := range n {
		b[8+i] = byte(i*7 + 1)
	}
	binary.BigEndian.PutUint16(b[2:], checksum(b))
	return b
}

// ipv4 is a packet with that payload; frag is the header's field of flags and
// offset.
func ipv4(proto byte, frag uint16, payload []byte) []byte {
	b := make([]byte, 20, 20+len(payload))
	b[0], b[8], b[9] = 0x45, 64, proto
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(b[4:], 0x4711)
	binary.BigEndian.PutUint16(b[6:], frag)
	copy(b[12:], []byte{192, 0, 2, 1, 192, 0, 2, 2})
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	return append(b, payload...)
}

// ipv6 is a packet whose first header after IPv6's is of that kind.
func ipv6(next byte, payload []byte) []byte {
	b := make([]byte, 40, 40+len(payload))
	b[0], b[6], b[7] = 0x60, next, 64
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	copy(b[8:], []byte{0x20, 0x01, 0x0d, 0xb8, 15: 1})
	copy(b[24:], []byte{0x20, 0x01, 0x0d, 0xb8, 15: 2})
	return append(b, payload...)
}

// loopback is where pings go.
var loopback = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}

// A pinger sends echo requests to its own host, which shows each twice: the
// request and the reply.
type pinger struct{ fd int }

func newPinger(t testing.TB) *pinger {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	// What comes back is of no interest.
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1)
	return &pinger{fd}
}

// ping sends n bytes of data and gives the message.
func (p *pinger) ping(t testing.TB, seq uint16, n int) []byte {
	t.Helper()
	message := echo(8, seq, n)
	if err := unix.Sendto(p.fd, message, 0, loopback); err != nil {
		t.Fatalf("ping with %d bytes: %v", n, err)
	}
	return message
}

// flood pings from a thread in the caller's namespace until stop is closed.
// Call it on a thread that entered one; done tells the end.
func flood(t testing.TB, stop <-chan struct{}) (done <-chan struct{}) {
	t.Helper()
	p := newPinger(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		message := echo(8, 1, 56)
		for {
			select {
			case <-stop:
				return
			default:
				unix.Sendto(p.fd, message, 0, loopback) // ENOBUFS: the flood is too good
			}
		}
	}()
	return ended
}
