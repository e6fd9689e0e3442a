package host

import (
	"fmt"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/link/ethernet"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
)

// Config is a host's network configuration.
type Config struct {
	Name     string
	MAC      string
	Addrs    []netip.Prefix
	Gateways []netip.Addr // one per family, for all destinations
}

// Host is a running stack.
type Host struct {
	Name  string
	stack *stack.Stack
	wire  *wire
}

const nic tcpip.NICID = 1

const (
	queue = 512 // frames between the stack and the wire
	mtu   = 1500
)

// New listens on socket and starts the stack. QEMU must be started afterwards.
func New(socket string, c Config) (*Host, error) {
	mac, err := tcpip.ParseMACAddress(c.MAC)
	if err != nil {
		return nil, fmt.Errorf("host %s: %w", c.Name, err)
	}
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{arp.NewProtocol, ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6},
	})
	link := channel.New(queue, mtu+header.EthernetMinimumSize, mac)
	if err := s.CreateNIC(nic, ethernet.New(link)); err != nil {
		return nil, fmt.Errorf("host %s: %s", c.Name, err)
	}
	h := &Host{Name: c.Name, stack: s}
	if err := h.configure(c); err != nil {
		return nil, err
	}
	h.wire, err = listen(socket, link)
	return h, err
}

func (h *Host) configure(c Config) error {
	var routes []tcpip.Route
	for _, p := range c.Addrs {
		local := tcpip.AddrFromSlice(p.Addr().AsSlice())
		address := tcpip.ProtocolAddress{Protocol: protocol(p.Addr()), AddressWithPrefix: tcpip.AddressWithPrefix{Address: local, PrefixLen: p.Bits()}}
		if err := h.stack.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
			return fmt.Errorf("host %s: address %s: %s", c.Name, p, err)
		}
		routes = append(routes, tcpip.Route{Destination: address.AddressWithPrefix.Subnet(), NIC: nic})
	}
	for _, g := range c.Gateways {
		all := header.IPv4EmptySubnet
		if g.Is6() {
			all = header.IPv6EmptySubnet
		}
		routes = append(routes, tcpip.Route{Destination: all, Gateway: tcpip.AddrFromSlice(g.AsSlice()), NIC: nic})
	}
	h.stack.SetRouteTable(routes)
	return nil
}

func protocol(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}

// Close ends the stack and the wire.
func (h *Host) Close() {
	h.wire.close()
	h.stack.Destroy()
}

// Frames gives the Ethernet frames that crossed the wire, in both directions;
// after a few thousand the oldest are forgotten. They are not copied.
func (h *Host) Frames() [][]byte {
	var list [][]byte
	for _, f := range h.wire.recorded() {
		list = append(list, f.bytes)
	}
	return list
}
