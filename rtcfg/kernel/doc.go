// Package kernel asks the kernel what is there and carries out the steps of a
// plan. It is the only place below rtcfg that opens sockets and files.
//
// Everything happens in one network namespace, given at [Open]. Netlink
// sockets stay in the namespace that they were made in; the files below
// /proc/sys/net follow the thread that opens them, so they are read and written
// on a thread of their own that enters the namespace and ends afterwards.
package kernel
