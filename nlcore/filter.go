package nlcore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A Filter says which events the kernel shall queue for a subscription. What
// it drops takes no room in the queue and wakes nobody. The zero value drops
// nothing.
//
// The kernel looks at the first message of a datagram, which is the only one
// on the route bus; nftables puts several in one.
type Filter struct {
	// Types are the message types that pass; none: all. Control messages
	// (NLMSG_ERROR and such) always pass.
	Types []uint16

	// NeighbourStates are NUD_* bits: of the RTM_NEWNEIGH messages only those
	// pass whose state has one of them; 0: all. RTM_DELNEIGH is not touched. So a
	// neighbour that leaves these states is seen to do so only when it goes. For
	// the route bus; elsewhere it is EINVAL.
	NeighbourStates uint16

	// Ignore are the port IDs (Conn.PortID) whose doings are not told: our own
	// requests. The kernel signs routes, addresses, rules and, since 6.2, the
	// making and deleting of links with the port ID of the request; changes of
	// links, and what follows from a request by itself, come with 0 and pass.
	Ignore []uint32
}

// SetFilter replaces the filter; events that are queued already still come. A
// filter that the kernel finds too long (over some 2000 entries) is EINVAL.
func (s *Subscription) SetFilter(f Filter) error {
	if f.NeighbourStates != 0 && s.c.bus != unix.NETLINK_ROUTE {
		return s.fail(fmt.Errorf("neighbour states in a filter: %w", unix.EINVAL))
	}
	p := f.program()
	err := s.c.t.control(func(fd int) error { return attach(fd, p) })
	if err != nil {
		return s.fail(err)
	}
	return nil
}

// attach gives the socket its program; an empty one takes it away.
func attach(fd int, p program) error {
	if len(p) == 0 {
		err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
		if errors.Is(err, unix.ENOENT) {
			return nil
		}
		return os.NewSyscallError("setsockopt SO_DETACH_FILTER", err)
	}
	if len(p) > unix.BPF_MAXINSNS {
		return fmt.Errorf("filter of %d instructions: %w", len(p), unix.EINVAL)
	}
	err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]})
	return os.NewSyscallError("setsockopt SO_ATTACH_FILTER", err)
}

// Offsets in bytes into struct nlmsghdr, and into struct ndmsg after it.
const (
	atType  = 4
	atPort  = 12
	atState = unix.NLMSG_HDRLEN + 8
)

// program translates the filter for the kernel's classic BPF machine.
func (f *Filter) program() program {
	if len(f.Types) == 0 && f.NeighbourStates == 0 && len(f.Ignore) == 0 {
		return nil
	}
	var p program
	p.ignore(f.Ignore)
	p.neighbours(f.NeighbourStates)
	p.types(f.Types)
	return p
}

// A program is classic BPF; see linux/filter.h. It ends with the length in
// bytes of what may pass, and a load beyond the message ends it with 0. Loads
// read network byte order.
type program []unix.SockFilter

const (
	passAll  = ^uint32(0)
	passNone = 0
)

func (p *program) add(code uint16, k uint32) { p.jump(code, k, 0, 0) }

// jump skips yes instructions if the condition holds, no if it does not.
func (p *program) jump(code uint16, k uint32, yes, no uint8) {
	*p = append(*p, unix.SockFilter{Code: code, Jt: yes, Jf: no, K: k})
}

func (p *program) load16(at uint32) { p.add(unix.BPF_LD|unix.BPF_H|unix.BPF_ABS, at) }
func (p *program) load32(at uint32) { p.add(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, at) }
func (p *program) pass(n uint32)    { p.add(unix.BPF_RET|unix.BPF_K, n) }

// verdict ends the program with n if the value loaded is k.
func (p *program) verdict(k, n uint32) {
	p.jump(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, k, 0, 1)
	p.pass(n)
}

// ignore drops what these ports caused.
func (p *program) ignore(ports []uint32) {
	if len(ports) == 0 {
		return
	}
	p.load32(atPort)
	for _, port := range ports {
		p.verdict(wire32(port), passNone)
	}
}

// neighbours drops RTM_NEWNEIGH without one of these states. A message too
// short to have one passes: that is for the reader to judge.
func (p *program) neighbours(states uint16) {
	if states == 0 {
		return
	}
	p.load16(atType)
	p.jump(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, wire16(unix.RTM_NEWNEIGH), 0, 5)
	p.add(unix.BPF_LD|unix.BPF_W|unix.BPF_LEN, 0)
	p.jump(unix.BPF_JMP|unix.BPF_JGE|unix.BPF_K, atState+2, 0, 3)
	p.load16(atState)
	p.jump(unix.BPF_JMP|unix.BPF_JSET|unix.BPF_K, wire16(states), 1, 0)
	p.pass(passNone)
}

// types lets only these and the control messages pass; all if there are none.
func (p *program) types(types []uint16) {
	if len(types) == 0 {
		p.pass(passAll)
		return
	}
	p.load16(atType)
	for t := range uint16(unix.NLMSG_OVERRUN + 1) {
		p.verdict(wire16(t), passAll)
	}
	for _, t := range types {
		p.verdict(wire16(t), passAll)
	}
	p.pass(passNone)
}

// wire16 gives what a load of v, stored in host byte order, gives.
func wire16(v uint16) uint32 {
	return uint32(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, v)))
}

// wire32 is wire16 for four bytes.
func wire32(v uint32) uint32 {
	return binary.BigEndian.Uint32(binary.NativeEndian.AppendUint32(nil, v))
}
