// Package routefile is the fast path for large routing tables: files with one
// route a line, in the words of `ip route`, that become compact records and are
// compared with one table of the kernel.
//
//	# bogons.routes
//	blackhole 192.0.2.0/24
//	10.0.0.0/8 via 198.51.100.1 dev lan1 metric 10
//	unreachable 2001:db8::/32
//	default via 198.51.100.1
//
// A line is
//
//	[route] [add] [to] [TYPE] DESTINATION [via ADDRESS] [dev LINK] [metric NUMBER] [scope SCOPE]
//
// where TYPE is unicast, blackhole, unreachable, prohibit or throw, and
// DESTINATION a prefix, an address, or "default", which is of the family of the
// gateway and without one IPv4. Blanks are spaces and tabs; lines may end in CRLF.
//
// [Read] checks whole files before anything is written and gives a [Table].
// [Compare] holds it against the kernel and gives a [Diff], which [Diff.Apply]
// writes and [Diff.Undo] takes back.
//
// What surprises:
//
//   - A line is never text for longer than it is read: a route is 24 bytes
//     (IPv6: 48), the number of its line included. A million fit in 64 MiB with
//     the program around them.
//   - The order of records is the one in which the kernel dumps: IPv4 by address,
//     IPv6 from the leaves to the root. Compare walks along both; where the
//     kernel has another order, it searches, so order is speed and nothing else.
//   - A line without dev takes the device that the kernel finds, so any device
//     is equal to none. IPv6 routes that lead nowhere have the device lo.
//   - Routes of ours that are more than a record (several next hops, a source
//     address, a flag) are kept as the kernel's own messages, so that undoing
//     their deletion or replacement brings back all of them.
//   - Undo is no log played backwards. It asks the kernel what is there and writes
//     what differs from what was there before, so a write of unknown outcome is
//     no special case.
//   - Everything from '#' to the end of a line is a comment, as for `ip -batch`.
package routefile
