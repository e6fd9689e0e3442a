package main

// A scenario is a case of the table.
type scenario struct {
	name string
	args []string // of guest/modbench
	part int      // it gets a packet for so many of the others'
}

// The scenarios that others are compared with.
const (
	bare = "module not loaded"
	peer = "nfnetlink_log"
)

// scenarios are run in this order.
func scenarios() []scenario {
	return []scenario{
		{bare, nil, 1},
		{"no client", []string{"-module"}, 1},
		{"a text client", []string{"-module", "-text", "1"}, 1},
		{"a client", []string{"-module", "-hello", "1"}, 1},
		{"hello and bye", []string{"-module", "-hello", "1", "-bye", "1"}, 1},
		{"64 clients", []string{"-module", "-hello", "64"}, 16},
		{peer, []string{"-nflog", "1"}, 1},
		{"64 log groups", []string{"-nflog", "64"}, 16},
	}
}

// bursts are how many packets come in at once: a lone ping, and what a network
// card's driver takes at most before anybody else runs (NAPI's weight).
func bursts() []int { return []int{1, 4, 16, 64} }

// goals are the figures that we mean to reach.
func goals() []goal {
	const wake = "the kernel wakes a thread for few packets, where the other sends from softirq"
	return []goal{
		{"no client", bare, 1.005, (*results).ratio, "of a packet's whole cost", ""},
		{"a client", peer, 1, (*results).extra, "of what it adds", wake},
		{"a text client", peer, 1, (*results).extra, "of what it adds", wake},
	}
}
