package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"bootlink/nlcore"
	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// System is the network configuration of one namespace. It is not safe for
// concurrent use.
type System struct {
	conn     *nlcore.Conn
	generic  *generic // once a class needs it
	netns    string
	trace    nlcore.Tracing
	cookie   uint64
	protocol uint8
	names    *names
	sysctls  uint64           // sysctl files written
	requests []nlcore.Request // of a batch, kept for their memory
}

// Open opens rtnetlink in a namespace ("" is this one; see [nlcore.Options]).
// protocol marks what is ours; trace, if not nil, sees what all sockets carry.
func Open(netns string, protocol uint8, trace nlcore.Tracing) (*System, error) {
	conn, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{NetNS: netns, Trace: trace.On(unix.NETLINK_ROUTE)})
	if err != nil {
		return nil, err
	}
	s := &System{conn: conn, netns: netns, trace: trace, protocol: protocol}
	s.names = newNames(s.askIndex)
	if s.cookie, err = Cookie(netns); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// Cookie asks for a namespace's number, which no other gets before the next
// boot; kernels before 5.14 do not tell it, and it is 0.
func Cookie(netns string) (n uint64, err error) {
	err = nlcore.InNamespace(netns, func() error {
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		n, err = unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
		if errors.Is(err, unix.ENOPROTOOPT) {
			return nil
		}
		return err
	})
	return n, err
}

// NetNS gives the namespace's cookie (SO_NETNS_COOKIE), 0 if it is not known.
func (s *System) NetNS() uint64 { return s.cookie }

// Close gives the sockets back.
func (s *System) Close() error { return errors.Join(s.conn.Close(), s.generic.close()) }

// Writes counts what was written so far: netlink requests that change something
// (counted at the sockets), and sysctl files.
func (s *System) Writes() uint64 { return s.conn.Stats().Writes + s.generic.writes() + s.sysctls }

// Stats gives the socket's counters.
func (s *System) Stats() nlcore.Stats { return s.conn.Stats() }

// askIndex asks the kernel for the index of a link by name.
func (s *System) askIndex(name string) (uint32, error) {
	m, err := s.askLink(until.Never(), name)
	if err != nil {
		return 0, err
	}
	if len(m.Body) < unix.SizeofIfInfomsg {
		return 0, fmt.Errorf("find link %q: an answer of %d bytes", name, len(m.Body))
	}
	return binary.NativeEndian.Uint32(m.Body[4:]), nil
}

// askLink asks for a link by name.
func (s *System) askLink(ctx until.Context, name string) (nlcore.Message, error) {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.String(unix.IFLA_IFNAME, name)
	return s.conn.Get(ctx, nlcore.Request{
		Type: unix.RTM_GETLINK, Body: w.Bytes(), Header: unix.SizeofIfInfomsg, Label: fmt.Sprintf("find link %q", name)})
}

// names remembers which link has which index.
type names struct {
	index map[string]uint32
	name  map[uint32]string
	ask   func(string) (uint32, error)
	open  []*os.File // namespaces; the collector closes them with the names
}

func newNames(ask func(string) (uint32, error)) *names {
	return &names{index: map[string]uint32{}, name: map[uint32]string{}, ask: ask}
}

func (n *names) set(name string, index uint32) {
	n.index[name], n.name[index] = index, name
}

func (n *names) drop(name string) {
	delete(n.name, n.index[name])
	delete(n.index, name)
}

// Index implements [object.Names].
func (n *names) Index(name string) (uint32, error) {
	if i, ok := n.index[name]; ok {
		return i, nil
	}
	i, err := n.ask(name)
	if err != nil {
		return 0, err
	}
	n.set(name, i)
	return i, nil
}

// Name implements [object.Names].
func (n *names) Name(index uint32) string {
	switch name, ok := n.name[index]; {
	case ok:
		return name
	case index == 0:
		return ""
	}
	return fmt.Sprintf("#%d", index)
}

// Namespace implements [object.Namespaces].
func (n *names) Namespace(name string) (uint32, error) {
	f, err := os.Open(sysfile.Join("/run/netns", name))
	if err != nil {
		return 0, fmt.Errorf("network namespace %q: %w", name, err)
	}
	n.open = append(n.open, f)
	return uint32(f.Fd()), nil
}
