package nlcore

import (
	"context"
	"fmt"
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
}

// A Subscription listens to multicast groups of a bus.
type Subscription struct{ c *Conn }

// Subscribe opens a socket on a bus and joins groups by number, not by bit:
// RTNLGRP_LINK is 1, and numbers above 32 are as good as others. Subscribe
// first and dump then, so that no change falls between the two.
func Subscribe(bus int, groups []uint32, o Options) (*Subscription, error) {
	if o.ReceiveBuffer == 0 {
		o.ReceiveBuffer = subscriptionBuffer
	}
	c, err := Dial(bus, o)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := c.t.join(g); err != nil {
			_ = c.Close()
			return nil, fmt.Errorf("join group %d of %v: %w", g, busOf(bus), err)
		}
	}
	return &Subscription{c}, nil
}

// Next waits for the next event. It gives Resync after an overrun of the
// queue or an unreadable datagram, and goes on: the subscription only ends
// with Close. A context that ends leaves it usable. One goroutine may wait.
func (s *Subscription) Next(ctx context.Context) (Event, error) {
	end, err := s.c.begin(ctx)
	if err != nil {
		return Event{}, s.fail(err)
	}
	defer end()
	m, err := s.c.in.next(true)
	if isLoss(err) {
		if err = s.c.in.discard(); err == nil {
			return Event{Resync: true}, nil
		}
	}
	if err != nil {
		return Event{}, s.fail(ended(ctx, err))
	}
	return Event{Message: m}, nil
}

func (s *Subscription) fail(err error) error {
	return fmt.Errorf("events of %v: %w", busOf(s.c.bus), err)
}

// Stats gives the counters.
func (s *Subscription) Stats() Stats { return s.c.Stats() }

// Close closes the socket; a Next that waits gives os.ErrClosed.
func (s *Subscription) Close() error { return s.c.Close() }
