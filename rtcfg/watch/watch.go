package watch

import (
	"errors"
	"os"
	"time"

	"bootlink/nlcore"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// groups are those of rtnetlink that tell of what can be configured.
var groups = [...]uint32{unix.RTNLGRP_LINK, unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR, unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE,
	unix.RTNLGRP_IPV4_RULE, unix.RTNLGRP_IPV6_RULE, unix.RTNLGRP_NEIGH, unix.RTNLGRP_NEXTHOP, unix.RTNLGRP_TC}

// queue is the size of the receive queue that is asked for, in bytes: some 2500
// events. If it overruns nothing is lost but the count of them.
const queue = 1 << 20

// A Watcher listens in one network namespace.
type Watcher struct {
	sub  *nlcore.Subscription
	wake chan struct{} // holds one token while there is something to look at
	fail chan error
}

// Open subscribes. From then on no change goes unnoticed, so look at the kernel
// after it and not before. trace, if not nil, sees what comes.
func Open(netns string, trace nlcore.Tracing) (*Watcher, error) {
	sub, err := nlcore.Subscribe(unix.NETLINK_ROUTE, nil, nlcore.Options{NetNS: netns, ReceiveBuffer: queue, Trace: trace.On(unix.NETLINK_ROUTE),
		Filter: &nlcore.Filter{NeighbourStates: unix.NUD_PERMANENT}})
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := sub.Join(g); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) { // a kernel too old for next hop objects
			return nil, errors.Join(err, sub.Close())
		}
	}
	return &Watcher{sub: sub, wake: make(chan struct{}, 1), fail: make(chan error, 1)}, nil
}

// Listen reads events until ctx or the Watcher ends. It is to be called once, on a
// goroutine of its own.
func (w *Watcher) Listen(ctx until.Context) {
	for w.sub != nil {
		_, err := w.sub.Next(ctx)
		if err != nil {
			if ctx.Err() == nil && !errors.Is(err, os.ErrClosed) {
				w.fail <- err
			}
			return
		}
		select {
		case w.wake <- struct{}{}:
		default: // somebody was woken, and has not looked yet
		}
	}
}

// Wake gives a token when something may have changed.
func (w *Watcher) Wake() <-chan struct{} { return w.wake }

// Failed gives the error that ended Listen.
func (w *Watcher) Failed() <-chan error { return w.fail }

// Broken gives a Watcher that could not be opened: it fails, after a while.
func Broken(err error) *Watcher {
	w := &Watcher{wake: make(chan struct{}, 1), fail: make(chan error, 1)}
	time.AfterFunc(time.Second, func() { w.fail <- err })
	return w
}

// Stats gives the counters of the subscription.
func (w *Watcher) Stats() nlcore.Stats {
	if w.sub == nil {
		return nlcore.Stats{}
	}
	return w.sub.Stats()
}

// Close ends the subscription.
func (w *Watcher) Close() error {
	if w.sub == nil {
		return nil
	}
	return w.sub.Close()
}
