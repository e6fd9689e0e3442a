// Package vm boots ARM guests in QEMU and talks to the agent in them.
//
// Results come over a virtio-serial port of their own (package wire), never
// from the console, which is kept for people: it is shown when something goes
// wrong, with the QEMU command line, ready to be pasted. A guest that panics or
// a QEMU that ends lets every waiting call end with an error.
package vm
