package host

import (
	"context"
	"net"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
)

func fullAddress(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFromSlice(a.Addr().AsSlice()), Port: a.Port()}
}

// Listen waits for TCP connections at an address of the host.
func (h *Host) Listen(at netip.AddrPort) (net.Listener, error) {
	return gonet.ListenTCP(h.stack, fullAddress(at), protocol(at.Addr()))
}

// Dial makes a TCP connection.
func (h *Host) Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	return gonet.DialContextTCP(ctx, h.stack, fullAddress(to), protocol(to.Addr()))
}
