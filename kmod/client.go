package kmod

import (
	"errors"
	"fmt"
	"time"

	"bootlink/nlcore"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// Side is one of the module's two protocols.
type Side uint8

// The sides.
const (
	Hello Side = iota
	Bye
)

var sideNames = [...]string{Hello: "hello", Bye: "bye"}

// String gives "hello" or "bye".
func (s Side) String() string { return sideNames[s] }

// proto is the side's number in the loaded module.
func (s Side) proto(p Params) int {
	if s == Bye {
		return p.ByeProto
	}
	return p.HelloProto
}

// A Wish says which packets a client wants. The zero value means all.
type Wish struct {
	Name    string // what the client calls itself, at most 63 bytes
	Family  uint8  // unix.AF_INET or unix.AF_INET6; 0: both
	IfIndex uint32 // where the packets come in; 0: anywhere
	SnapLen uint32 // bytes of a packet at most; 0: as many as the module grants
}

func (w Wish) body() []byte {
	var a nlcore.AttrWriter
	a.String(attrText, w.Name)
	if w.SnapLen != 0 {
		a.U32(attrSnapLen, w.SnapLen)
	}
	a.Nest(attrFilter, func() {
		if w.IfIndex != 0 {
			a.U32(filterIfIndex, w.IfIndex)
		}
		if w.Family != 0 {
			a.U8(filterFamily, w.Family)
		}
	})
	return a.Bytes()
}

// greetTimeout bounds the wait for the kernel's greeting, which is immediate.
const greetTimeout = 3 * time.Second

// A Client is registered with one side and receives its packets. It is for one
// goroutine.
type Client struct {
	_ [0]func() // no equality: it would be code

	conn     *nlcore.Conn
	side     Side
	greeting string
	lost     uint64
	overrun  bool // losses are known to the caller, their number is not
}

// Register registers for all IPv4 packets under a name, in a network namespace
// ("": this one). It needs CAP_NET_ADMIN there. trace, if not nil, sees what the
// socket carries.
//
// Errors: those of [RegisterFor].
func Register(ctx until.Context, side Side, netns, name string, trace nlcore.Tracing) (*Client, error) {
	return RegisterFor(ctx, side, netns, Wish{Name: name, Family: unix.AF_INET}, trace)
}

// RegisterFor registers for the packets of a wish and waits for the greeting.
//
// Errors: [*AbsentError] when the module is not loaded, [*nlcore.Error] when it
// refuses (EPERM: no CAP_NET_ADMIN; ENOSPC: too many clients).
func RegisterFor(ctx until.Context, side Side, netns string, wish Wish, trace nlcore.Tracing) (*Client, error) {
	p, ok := Loaded()
	if !ok {
		return nil, &AbsentError{Module: Name, Why: "it is not loaded, so there is no " + side.String() + " bus",
			Mend: "load it: modprobe " + Name + ", or put a [hello] table into router.toml and start bootlink run"}
	}
	conn, err := nlcore.Dial(side.proto(p), nlcore.Options{NetNS: netns, Trace: trace.On(side.proto(p))})
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, side: side}
	if err := c.register(ctx, wish); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) register(ctx until.Context, wish Wish) error {
	label := "register with " + c.side.String()
	bounded, stop := until.Within(ctx, greetTimeout)
	defer stop()
	m, err := c.conn.Get(bounded, nlcore.Request{Type: msgRegister, Body: wish.body(), Label: label})
	if err == nil {
		c.greeting, err = parseGreeting(c.side, m)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && bounded.Err() != nil:
		return fmt.Errorf("%s: no greeting within %s: %s is not the module's bus", label, greetTimeout, c.side)
	}
	return err
}

// Greeting is what the kernel answered.
func (c *Client) Greeting() string { return c.greeting }

// Lost is how many packets are known to be lost since registration.
func (c *Client) Lost() uint64 { return c.lost }

// Next waits for the next packet. An error that errors.Is ENOBUFS says that
// packets were lost, as [*LostError] how many; Next goes on with the following
// ones.
func (c *Client) Next(ctx until.Context) (Packet, error) {
	for {
		m, err := c.conn.Receive(ctx)
		if err != nil {
			c.overrun = c.overrun || errors.Is(err, unix.ENOBUFS)
			return Packet{}, err
		}
		switch m.Type {
		case msgPacket:
			return parsePacket(m.Body)
		case msgLost:
			if err := c.lose(m.Body); err != nil {
				return Packet{}, err
			}
		}
	}
}

// lose takes a report of losses, which are an error unless an overrun has told
// of them.
func (c *Client) lose(body []byte) error {
	total, err := parseLost(body)
	if err != nil {
		return err
	}
	lost, told := total-c.lost, c.overrun
	c.lost, c.overrun = total, false
	if told {
		return nil
	}
	return &LostError{Side: c.side, Packets: lost}
}

// Close unregisters: the kernel forgets a client with its socket.
func (c *Client) Close() error { return c.conn.Close() }
