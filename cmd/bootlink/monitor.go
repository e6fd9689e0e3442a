package main

import (
	"fmt"
	"io"
	"time"

	"bootlink/kmod"
	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/monitor"

	"golang.org/x/sys/unix"
)

var monitorFlags = []option{
	{name: "list", help: "tell first what there is"},
	{name: "packets", help: "tell also of the ICMP packets that the kernel module reports"},
}

// noteJSON is a line of `monitor --json`.
type noteJSON struct {
	Time string `json:"time"` // seconds since 1970, with six places
	monitor.Note
}

// monitorCommand prints events until it is interrupted. One goroutine prints.
func monitorCommand(ctx until.Context, in *invocation) error {
	lines := make(chan *monitor.Note)
	say := func(n *monitor.Note) error {
		select {
		case lines <- n:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	m, err := monitor.Open(nlcore.Options{NetNS: in.value("netns"), Trace: in.trace.On(unix.NETLINK_ROUTE)}, say)
	if err != nil {
		return err
	}
	defer m.Close()
	if in.on("packets") {
		for _, side := range []kmod.Side{kmod.Hello, kmod.Bye} {
			c, err := kmod.Register(ctx, side, in.value("netns"), "bootlink monitor", in.trace)
			if err != nil {
				return err
			}
			defer c.Close()
			go tellPackets(ctx, c, side, say)
		}
	}
	end := make(chan error, 1)
	go func() { end <- m.Run(ctx, in.on("list")) }()
	for {
		select {
		case n := <-lines:
			if err := in.note(n); err != nil {
				return err
			}
		case err := <-end:
			return err
		}
	}
}

// tellPackets tells of what comes to one side of the module.
func tellPackets(ctx until.Context, c *kmod.Client, side kmod.Side, say func(*monitor.Note) error) {
	for ctx.Err() == nil {
		p, err := c.Next(ctx)
		n := &monitor.Note{Op: monitor.New, Class: side.String(), Text: side.String() + " " + p.String()}
		if err != nil {
			n = &monitor.Note{Op: monitor.Lost, Class: side.String(), Text: err.Error()}
		}
		if say(n) != nil {
			return
		}
	}
}

func (in *invocation) note(n *monitor.Note) error {
	now := time.Now()
	if in.on("json") {
		return printLine(in.stdout, noteJSON{fmt.Sprintf("%d.%06d", now.Unix(), now.Nanosecond()/1000), *n})
	}
	line := "[" + clock(now) + "] "
	if n.Op != monitor.New {
		line += n.Op + " "
	}
	_, err := io.WriteString(in.stdout, line+n.Text+"\n")
	return err
}

// clock gives the time of day in UTC with microseconds. Package time would do it with 28 KB.
func clock(t time.Time) string {
	s := t.Unix() % (24 * 3600)
	return fmt.Sprintf("%02d:%02d:%02d.%06d", s/3600, s/60%60, s%60, t.Nanosecond()/1000)
}
