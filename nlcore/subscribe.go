package nlcore

import (
	"errors"
	"fmt"

	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// subscriptionBuffer holds some 20,000 route events of 832 bytes each, once the
// kernel has doubled it.
const subscriptionBuffer = 8 << 20

// An Event is a notification, or the news that some were lost.
type Event struct {
	Message // its Body lives until the next call of Next

	// Resync says that events were lost and that Message is empty. What was
	// known about the kernel's objects is no longer true: dump them again,
	// after this event. Nothing older than this event follows it.
	Resync bool

	// Group is the multicast group by which the event came.
	Group uint32

	// NSID is the network namespace that the event came from, by the ID that it
	// has in the subscription's own (RTM_GETNSID); -1 is that one itself. Others
	// only come with Options.AllNamespaces.
	NSID int32
}

// A Subscription listens to multicast groups of a bus.
type Subscription struct {
	c *Conn
}

// Subscribe opens a socket on a bus and joins groups by number, not by bit:
// RTNLGRP_LINK is 1, and numbers above 32 are as good as others. Subscribe
// first and dump then, so that no change falls between the two.
//
// The queue is forced to Options.ReceiveBuffer where the process may do that
// (CAP_NET_ADMIN); QueueSize tells what came of it. Some buses let only root
// join their groups; that is EPERM.
func Subscribe(bus int, groups []uint32, o Options) (*Subscription, error) {
	if o.ReceiveBuffer == 0 {
		o.ReceiveBuffer = subscriptionBuffer
	}
	sock, port, err := dialSocket(bus, o)
	if err != nil {
		return nil, err
	}
	s := &Subscription{newConn(bus, newBurst(sock, o.Burst), o)}
	s.c.port = port
	if err := s.start(groups, o); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// start sets the options that only subscriptions have, then joins, so that no
// event comes without them.
func (s *Subscription) start(groups []uint32, o Options) error {
	err := s.enable(unix.NETLINK_PKTINFO)
	if err == nil && o.AllNamespaces {
		err = s.enable(unix.NETLINK_LISTEN_ALL_NSID)
	}
	if err == nil && o.Filter != nil {
		err = s.SetFilter(*o.Filter)
	}
	if err != nil {
		return s.fail(err)
	}
	return s.Join(groups...)
}

// enable sets an option of the socket.
func (s *Subscription) enable(option int) error {
	return s.c.t.control(func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_NETLINK, option, 1) })
}

// Join adds groups by number. Those before one that fails stay joined.
func (s *Subscription) Join(groups ...uint32) error {
	return s.member(unix.NETLINK_ADD_MEMBERSHIP, "join", groups)
}

// Leave takes groups away. Their events that are queued already still come.
func (s *Subscription) Leave(groups ...uint32) error {
	return s.member(unix.NETLINK_DROP_MEMBERSHIP, "leave", groups)
}

func (s *Subscription) member(option int, verb string, groups []uint32) error {
	for _, g := range groups {
		err := s.c.t.control(func(fd int) error {
			return unix.SetsockoptInt(fd, unix.SOL_NETLINK, option, int(g))
		})
		if err != nil {
			return fmt.Errorf("%s group %d of %v: %w", verb, g, busOf(s.c.bus), err)
		}
	}
	return nil
}

// Groups gives the groups that are joined, in ascending order, as the kernel
// tells them (NETLINK_LIST_MEMBERSHIPS, 4.2).
func (s *Subscription) Groups() (groups []uint32, err error) {
	err = s.c.t.control(func(fd int) error {
		g, err := memberships(fd)
		groups = g
		return err
	})
	if err != nil {
		return nil, s.fail(err)
	}
	return groups, nil
}

// Next waits for the next event. It gives Resync after an overrun of the
// queue or an unreadable datagram, and goes on: the subscription only ends
// with Close. A context that ends leaves it usable. One goroutine may wait.
func (s *Subscription) Next(ctx until.Context) (Event, error) {
	if err := s.c.take(ctx); err != nil {
		return Event{}, s.fail(err)
	}
	defer func() { <-s.c.turn }()
	in := &s.c.in
	m, err := in.next(false)
	if err == nil {
		s.c.n.events.Add(1)
		return Event{Message: m, Group: in.d.group, NSID: in.d.nsid}, nil
	}
	if errors.Is(err, unix.EAGAIN) {
		return s.wait(ctx)
	}
	return s.resync(err)
}

// wait is Next when nothing is there.
func (s *Subscription) wait(ctx until.Context) (Event, error) {
	in := &s.c.in
	release := s.c.watch(ctx)
	m, err := in.next(true)
	release()
	if err != nil {
		return s.resync(ended(ctx, err))
	}
	s.c.n.events.Add(1)
	return Event{Message: m, Group: in.d.group, NSID: in.d.nsid}, nil
}

// resync empties the queue after a loss: until it was empty once, the kernel
// drops events without saying so again (NETLINK_S_CONGESTED). Any other error
// is passed on.
func (s *Subscription) resync(err error) (Event, error) {
	if isLoss(err) {
		err = s.c.in.discard()
	}
	if err != nil {
		return Event{}, s.fail(err)
	}
	s.c.n.resyncs.Add(1)
	return Event{Resync: true, NSID: ownNSID}, nil
}

func (s *Subscription) fail(err error) error {
	return fmt.Errorf("events of %v: %w", busOf(s.c.bus), err)
}

// QueueSize gives the real size of the receive queue; see Conn.QueueSize.
func (s *Subscription) QueueSize() (int, error) { return s.c.QueueSize() }

// Stats gives the counters.
func (s *Subscription) Stats() Stats { return s.c.Stats() }

// Close closes the socket; a Next that waits gives os.ErrClosed.
func (s *Subscription) Close() error { return s.c.Close() }
