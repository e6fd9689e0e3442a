package nlcore

import "sync/atomic"

// Stats counts what a socket did since it was opened. None of the counters is
// ever set back.
type Stats struct {
	Writes      uint64 // messages that ask for a change: those of Do and Batch
	Sends       uint64 // datagrams sent, raw ones included
	Reads       uint64 // datagrams received
	Stray       uint64 // messages dropped: their sequence number answers no request of ours
	Foreign     uint64 // datagrams dropped: the sender was not the kernel
	Interrupted uint64 // dumps that the kernel or a loss made inconsistent
	Overruns    uint64 // times the receive queue overran (ENOBUFS): messages were lost
	Truncated   uint64 // datagrams longer than the read buffer, which grows for the next one
	Malformed   uint64 // datagrams dropped because a message in them had an impossible length
	Discarded   uint64 // datagrams that a subscription threw away to resync
	Events      uint64 // notifications that a subscription handed out
	Resyncs     uint64 // times that it said Resync instead
}

// counters is the live form of Stats: readable while another goroutine waits
// in a call. atomic.Uint64 is aligned on 32-bit machines as well.
type counters struct {
	_ [0]func() // no equality: it would be code

	writes, sends, reads, stray, foreign        atomic.Uint64
	interrupted, overruns, truncated, malformed atomic.Uint64
	discarded, events, resyncs                  atomic.Uint64
}

// snapshot reads the counters one by one; together they are not of one instant.
func (n *counters) snapshot() Stats {
	return Stats{
		Writes:      n.writes.Load(),
		Sends:       n.sends.Load(),
		Reads:       n.reads.Load(),
		Stray:       n.stray.Load(),
		Foreign:     n.foreign.Load(),
		Interrupted: n.interrupted.Load(),
		Overruns:    n.overruns.Load(),
		Truncated:   n.truncated.Load(),
		Malformed:   n.malformed.Load(),
		Discarded:   n.discarded.Load(),
		Events:      n.events.Load(),
		Resyncs:     n.resyncs.Load(),
	}
}
