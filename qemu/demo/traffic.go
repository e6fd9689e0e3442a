package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"bootlink/qemu/host"
)

// The first request of a pair finds the neighbours; it may be lost, since a
// bridge port learns and IPv6 addresses are tentative for a second or two.
const (
	firstTries = 10
	tryTime    = 2 * time.Second
	pings      = 3
)

func forwarded(ctx context.Context, st *stage) error {
	for i, family := range []string{"IPv4", "IPv6"} {
		lan, wan := lanHost.Addrs[i].Addr(), wanHost.Addrs[i].Addr()
		if err := st.pingTimes(ctx, st.lan, lan, wan); err != nil {
			return err
		}
		if err := st.pingTimes(ctx, st.wan, wan, lan); err != nil {
			return err
		}
		if err := st.transfer(ctx, netip.AddrPortFrom(wan, 80)); err != nil {
			return fmt.Errorf("TCP over %s: %w", family, err)
		}
	}
	st.proved("%d pings each way and a TCP connection, over IPv4 and IPv6, nothing lost", pings)
	return nil
}

// pingTimes pings until the neighbours know each other, and then counts.
func (st *stage) pingTimes(ctx context.Context, h *host.Host, from, to netip.Addr) error {
	var err error
	for seq := range uint16(firstTries) {
		if _, err = ping(ctx, h, to, 1, seq, nil); err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return err
	}
	times := make([]string, 0, pings)
	for seq := range uint16(pings) {
		took, err := ping(ctx, h, to, 2, seq, []byte("through the router"))
		if err != nil {
			return err
		}
		times = append(times, round(took))
	}
	st.text(fmt.Sprintf("ping  %-15s > %-15s  %s", from, to, strings.Join(times, "  ")))
	return nil
}

func ping(ctx context.Context, h *host.Host, to netip.Addr, id, seq uint16, payload []byte) (time.Duration, error) {
	bounded, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	return h.Ping(bounded, to, id, seq, payload)
}

// transferSize is sent from the LAN to the WAN host, which sends it back.
const transferSize = 1 << 20

func (st *stage) transfer(ctx context.Context, at netip.AddrPort) error {
	l, err := st.wan.Listen(at)
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.Copy(c, c) // a fault shows as bytes that do not come back
			c.Close()
		}
	}()
	c, err := st.lan.Dial(ctx, at)
	if err != nil {
		return err
	}
	defer c.Close()
	if end, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(end); err != nil {
			return err
		}
	}
	sent := bytes.Repeat([]byte("0123456789abcdef"), transferSize/16)
	got := make([]byte, len(sent))
	start := time.Now()
	go c.Write(sent) // likewise
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if !bytes.Equal(sent, got) {
		return fmt.Errorf("what came back from %s is not what was sent", at)
	}
	st.text(fmt.Sprintf("tcp   %-15s > %-15s  1 MiB there and back in %s", lanAddr(at.Addr()), at.Addr(), time.Since(start).Round(time.Millisecond)))
	return nil
}

// lanAddr is the LAN host's address of the same family.
func lanAddr(a netip.Addr) netip.Addr {
	if a.Is4() {
		return lanHost.Addrs[0].Addr()
	}
	return lanHost.Addrs[1].Addr()
}

// heard holds what `bootlink hello` prints against the pings that the LAN host
// sends: each request and each reply, in their order, and nothing else.
func heard(ctx context.Context, st *stage) error {
	argv := []string{bootlink, "hello", "--count", fmt.Sprint(2 * pings)}
	st.command(argv...)
	p, err := st.router.Begin(ctx, argv...)
	if err != nil {
		return err
	}
	expected := []string{"Hello Server Good day Client"}
	if _, err := written(ctx, p, expected[0]+"\n"); err != nil { // from now on packets are reported
		return err
	}
	lan, wan := lanHost.Addrs[0].Addr(), wanHost.Addrs[0].Addr()
	const id = 2025
	for seq := range uint16(pings) {
		payload := bytes.Repeat([]byte{'x'}, 20+int(seq))
		if _, err := ping(ctx, st.lan, wan, id, seq, payload); err != nil {
			return err
		}
		rest := fmt.Sprintf("id %d, seq %d, ttl 64, length %d", id, seq, 20+8+len(payload))
		expected = append(expected, fmt.Sprintf("%s > %s: icmp echo request, %s", lan, wan, rest),
			fmt.Sprintf("%s > %s: icmp echo reply, %s", wan, lan, rest))
	}
	r, err := p.Wait(ctx)
	st.text(r.Out)
	if err != nil {
		return err
	}
	got := strings.Split(strings.TrimSpace(r.Out), "\n")
	for i, line := range got[1:] { // without the time and the link
		if words := strings.SplitN(line, " ", 3); len(words) == 3 {
			got[i+1] = words[2]
		}
	}
	if r.Code != 0 || !slices.Equal(got, expected) {
		return fmt.Errorf("hello ended with %d; it should have printed\n%s", r.Code, strings.Join(expected, "\n"))
	}
	st.proved("exactly the %d pings that were sent, and their replies", pings)
	return nil
}
