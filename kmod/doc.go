// Package kmod loads the hello/bye kernel module and speaks its protocol.
//
// The module (kmod/src, GPL-2.0) owns two netlink protocols, 19 and 21 unless
// told otherwise. A client registers with one message; the kernel greets it and
// from then on reports every incoming ICMP packet to it. [Load] brings the
// module in, [Loaded] says whether it is there and with which numbers,
// [Register] makes a [Client], [Client.Next] gives [Packet] after [Packet].
//
// What surprises: opening a netlink socket on a number that nobody owns makes
// the kernel look for a module that does (for 21 that is crypto_user, which
// then keeps hellobye out). So nothing here opens a socket before [Loaded] says
// that the number is the module's.
//
// This package speaks the format with attributes. The module serves programs
// that speak text as well; kmod/src/README.md has both.
//
// To debug: /proc/net/hellobye has the counters, dmesg the module's words.
// TestKernel runs against the module itself: build the test with
// GOARCH=arm go test -c, and run it with BOOTLINK_GUEST=1 as root of a guest that
// has hellobye.ko, crypto_user.ko and a wrong.ko (built for another kernel) in its
// modules.dep.
package kmod
