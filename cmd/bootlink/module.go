package main

import (
	"errors"
	"fmt"
	"strconv"

	"bootlink/kmod"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

func helloFlags() []option {
	return []option{
		{name: "count", arg: "N", initial: "0", help: "end after so many packets; 0: go on until interrupted"},
		{name: "hex", help: "print each packet as the kernel sent it, in hex"},
	}
}

func hello(ctx until.Context, in *invocation) error { return listen(ctx, in, kmod.Hello) }
func bye(ctx until.Context, in *invocation) error   { return listen(ctx, in, kmod.Bye) }

// listen prints the greeting and then a line for each packet. Lost packets are
// told on standard error and end nothing.
func listen(ctx until.Context, in *invocation, side kmod.Side) error {
	count, err := strconv.ParseUint(in.value("count"), 10, 32)
	if err != nil {
		return usagef("--count %s: write a number", in.value("count"))
	}
	c, err := kmod.Register(ctx, side, in.value("netns"), "bootlink "+side.String(), in.trace)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := in.say(map[string]string{"greeting": c.Greeting()}, c.Greeting()); err != nil {
		return err
	}
	for n := uint64(0); count == 0 || n < count; {
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
	if in.on("hex") {
		line = p.Hex()
	}
	return in.say(map[string]string{"packet": p.String(), "hex": p.Hex()}, line)
}

// say prints a line, or its JSON form on one line.
func (in *invocation) say(v map[string]string, line string) error {
	if in.on("json") {
		return printLine(in.stdout, v)
	}
	_, err := fmt.Fprintln(in.stdout, line)
	return err
}
