package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"bootlink/kmod"

	"golang.org/x/sys/unix"
)

func helloFlags(f *flag.FlagSet) {
	f.Uint("count", 0, "end after `N` packets; 0: go on until interrupted")
	f.Bool("hex", false, "print each packet as the kernel sent it, in hex")
}

func hello(ctx context.Context, in *invocation) error { return listen(ctx, in, kmod.Hello) }
func bye(ctx context.Context, in *invocation) error   { return listen(ctx, in, kmod.Bye) }

// listen prints the greeting and then a line for each packet. Lost packets are
// told on standard error and end nothing.
func listen(ctx context.Context, in *invocation, side kmod.Side) error {
	c, err := kmod.Register(ctx, side, in.netns, "bootlink "+side.String())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := in.say(map[string]string{"greeting": c.Greeting()}, c.Greeting()); err != nil {
		return err
	}
	count := in.flags.Lookup("count").Value.(flag.Getter).Get().(uint)
	for n := uint(0); count == 0 || n < count; {
		p, err := c.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil // interrupted: that is how one leaves
		case errors.Is(err, unix.ENOBUFS):
			fmt.Fprintln(in.stderr, "bootlink: packets were lost: this reader was too slow")
			continue
		case err != nil:
			return err
		}
		n++
		if err := in.packet(p); err != nil {
			return err
		}
	}
	return nil
}

func (in *invocation) packet(p kmod.Packet) error {
	line := p.String()
	if in.flags.Lookup("hex").Value.String() == "true" {
		line = p.Hex()
	}
	return in.say(map[string]string{"packet": p.String(), "hex": p.Hex()}, line)
}

// say prints a line, or its JSON form on one line.
func (in *invocation) say(v map[string]string, line string) error {
	if in.json {
		return printLine(in.stdout, v)
	}
	_, err := fmt.Fprintln(in.stdout, line)
	return err
}
