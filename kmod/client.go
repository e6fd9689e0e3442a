package kmod

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// Side is one of the module's two protocols.
type Side uint8

// The sides.
const (
	Hello Side = iota
	Bye
)

// sides has what tells them apart; the greetings are the legacy format's.
var sides = [...]struct{ name, greeting string }{
	Hello: {"hello", "Hello Server Good day Client"},
	Bye:   {"bye", "BYE Server Good Evening Client"},
}

// String gives "hello" or "bye".
func (s Side) String() string { return sides[s].name }

// proto is the side's number in the loaded module.
func (s Side) proto(p Params) int {
	if s == Bye {
		return p.ByeProto
	}
	return p.HelloProto
}

// greetTimeout bounds the wait for the kernel's greeting, which is immediate.
const greetTimeout = 3 * time.Second

// A Client is registered with one side and receives its packets, in the legacy
// format: a message is NUL-terminated text, the greeting first, then each
// packet in hex. It is for one goroutine.
type Client struct {
	conn     *nlcore.Conn
	side     Side
	greeting string
}

// Register opens the side's bus in a network namespace ("": this one), sends
// text and waits for the greeting. The kernel demands CAP_NET_ADMIN and answers
// nothing to those who lack it.
//
// Errors: [*AbsentError] when the module is not loaded.
func Register(ctx context.Context, side Side, netns, text string) (*Client, error) {
	p, ok := Loaded()
	if !ok {
		return nil, &AbsentError{Module: Name, Why: fmt.Sprintf("it is not loaded, so there is no %s bus", side),
			Mend: "load it: modprobe " + Name + ", or put a [hello] table into router.toml and start bootlink run"}
	}
	conn, err := nlcore.Dial(side.proto(p), nlcore.Options{NetNS: netns})
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, side: side}
	if err := c.register(ctx, text); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) register(ctx context.Context, text string) error {
	if err := c.conn.Send(nlcore.Message{Body: append([]byte(text), 0)}); err != nil {
		return fmt.Errorf("register with %s: %w", c.side, err)
	}
	bounded, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	greeting, err := c.receive(bounded)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("register with %s: no greeting within %s: %w: registering needs CAP_NET_ADMIN", c.side, greetTimeout, unix.EPERM)
	case err != nil:
		return fmt.Errorf("register with %s: %w", c.side, err)
	case greeting != sides[c.side].greeting:
		return fmt.Errorf("register with %s: this is not the hello/bye module: it greets with %q", c.side, greeting)
	}
	c.greeting = greeting
	return nil
}

// receive gives the text of the next message.
func (c *Client) receive(ctx context.Context) (string, error) {
	m, err := c.conn.Receive(ctx)
	if err != nil {
		return "", err
	}
	text, _, _ := bytes.Cut(m.Body, []byte{0})
	return string(text), nil
}

// Greeting is what the kernel answered.
func (c *Client) Greeting() string { return c.greeting }

// Next waits for the next packet. After an error that errors.Is ENOBUFS, packets
// were lost and Next goes on with the following ones.
func (c *Client) Next(ctx context.Context) (Packet, error) {
	for {
		text, err := c.receive(ctx)
		if err != nil {
			return nil, err
		}
		if text == c.greeting {
			continue
		}
		raw, err := hex.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("packet from %s: %w", c.side, err)
		}
		return raw, nil
	}
}

// Close unregisters: the kernel forgets a client with its socket.
func (c *Client) Close() error { return c.conn.Close() }
