// Package nlcore speaks netlink: it opens a bus (a netlink protocol), does
// single actions, batches, queries and dumps on it, and follows its events
// without losing the true state.
//
// It stands on github.com/mdlayher/netlink for the socket and reads and writes
// it with buffers of its own: one read of 32 KiB takes what the kernel can give
// at most, messages and attributes are walked in place, and a dump costs no
// allocation per message.
//
// # What surprises
//
//   - A [Conn] serves one call at a time; a second one waits. So a call on the
//     same Conn from inside the loop over [Conn.Dump] waits for itself: collect
//     first, or use a second Conn.
//   - A message that the package hands out from a dump, from [Conn.Receive] or
//     from [Subscription.Next] lives in the read buffer until the next step.
//   - A batch does not stop at the first failure inside one datagram: the kernel
//     goes on with the next message. See [Conn.Batch].
//   - A dump may be inconsistent ([ErrDumpInterrupted]); our own writes are
//     enough to cause that. [Conn.Collect] repeats it.
//   - Nothing is dropped in silence: see [Stats].
//   - Opening a bus makes the kernel load the module that owns its number, if
//     there is one. [Probe] can be told which numbers to leave alone.
//
// # Debugging
//
// Options.Trace sees every datagram in both directions. [Error] carries the
// kernel's own words and the attribute that it points at; a missing bus is an
// [UnsupportedError] that says which kernel option or module brings it. Under
// qemu's user mode only the buses 0, 9 and 15 exist, whatever the kernel has.
package nlcore
