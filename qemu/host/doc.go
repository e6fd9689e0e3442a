// Package host is a host with an IP stack of its own (gVisor's netstack) at the
// other end of a guest's wire. The wire is a unix socket that QEMU connects to
// (-netdev stream): each Ethernet frame stands behind its length, 4 bytes, big
// endian. Nothing of it needs root or touches this machine's network.
package host
