package host

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// Ping sends one echo request and waits for the reply with the same payload. It
// gives the round-trip time. A request that is lost is not repeated.
func (h *Host) Ping(ctx context.Context, to netip.Addr, id, seq uint16, payload []byte) (time.Duration, error) {
	p, err := h.pinger(to, id)
	if err != nil {
		return 0, fmt.Errorf("%s pings %s: %s", h.Name, to, err)
	}
	defer p.ep.Close()
	start := time.Now()
	if _, err := p.ep.Write(bytes.NewReader(echo(to, id, seq, payload)), tcpip.WriteOptions{To: &p.to}); err != nil {
		return 0, fmt.Errorf("%s pings %s: %s", h.Name, to, err)
	}
	if err := p.reply(ctx, seq, payload); err != nil {
		return 0, fmt.Errorf("%s pings %s, seq %d: %w", h.Name, to, seq, err)
	}
	return time.Since(start), nil
}

type pinger struct {
	ep     tcpip.Endpoint
	to     tcpip.FullAddress
	events chan struct{}
}

// pinger opens an endpoint for an id. It is bound and not connected: Close of
// a connected one would leave the id taken for ever.
func (h *Host) pinger(to netip.Addr, id uint16) (*pinger, tcpip.Error) {
	transport := icmp.ProtocolNumber4
	if to.Is6() {
		transport = icmp.ProtocolNumber6
	}
	var queue waiter.Queue
	ep, err := h.stack.NewEndpoint(transport, protocol(to), &queue)
	if err != nil {
		return nil, err
	}
	entry, events := waiter.NewChannelEntry(waiter.ReadableEvents)
	queue.EventRegister(&entry)
	if err = ep.Bind(tcpip.FullAddress{Port: id}); err != nil {
		ep.Close()
		return nil, err
	}
	return &pinger{ep, tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFromSlice(to.AsSlice())}, events}, nil
}

// echo is the request; the stack fills in the id (the port) and the checksum.
func echo(to netip.Addr, id, seq uint16, payload []byte) []byte {
	b := make([]byte, header.ICMPv4MinimumSize, header.ICMPv4MinimumSize+len(payload))
	if to.Is4() {
		h := header.ICMPv4(b)
		h.SetType(header.ICMPv4Echo)
		h.SetIdent(id)
		h.SetSequence(seq)
	} else {
		h := header.ICMPv6(b)
		h.SetType(header.ICMPv6EchoRequest)
		h.SetIdent(id)
		h.SetSequence(seq)
	}
	return append(b, payload...)
}

// reply waits for the echo reply; other packets to this id, and those from
// other hosts, are passed over.
func (p *pinger) reply(ctx context.Context, seq uint16, payload []byte) error {
	for {
		var got bytes.Buffer
		from, err := p.ep.Read(&got, tcpip.ReadOptions{NeedRemoteAddr: true})
		switch b := got.Bytes(); {
		case err == nil && from.RemoteAddr.Addr == p.to.Addr && len(b) >= 8 && (b[0] == 0 || b[0] == 129) && uint16(b[6])<<8|uint16(b[7]) == seq:
			if !bytes.Equal(b[8:], payload) {
				return fmt.Errorf("the reply's payload is not what was sent: %x", b[8:])
			}
			return nil
		case err == nil:
			continue
		}
		select {
		case <-p.events:
		case <-ctx.Done():
			return fmt.Errorf("no reply: %w", ctx.Err())
		}
	}
}
