// Package kmod loads the hello/bye kernel module and speaks its protocol.
//
// The module (kmod/src, GPL-2.0) owns two netlink protocols, 19 and 21 unless
// told otherwise. A client sends one message; the kernel greets it and from then
// on reports every incoming ICMP packet to it. [Load] brings the module in,
// [Loaded] says whether it is there and with which numbers, [Register] makes a
// [Client].
//
// What surprises: opening a netlink socket on a number that nobody owns makes
// the kernel look for a module that does (for 21 that is crypto_user, which
// then keeps hellobye out). So nothing here opens a socket before [Loaded] says
// that the number is the module's.
package kmod
