// Package undolog keeps on disk what undoes an apply, so that a process that is
// killed leaves to the next one what it takes to bring the kernel back.
//
// The log lies in the run folder, which does not outlive the boot. It begins with
// where it is from: a boot, a network namespace, and the state file as it was.
// Steps are added, and synced, before the first of them is sent to the kernel. So
// a log that ends in the middle of a record says nothing of what is missing: that
// was not done. One that is damaged elsewhere, or from another boot, is nobody's to
// obey; see [SetAside].
//
// While it is being written it is called undo.log. An apply that ended well leaves
// it as undo.last, which `bootlink rollback` plays back, or as undo.pending until it
// is confirmed.
package undolog
