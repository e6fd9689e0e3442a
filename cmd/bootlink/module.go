package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"bootlink/kmod"
	"bootlink/nlcore/pcap"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

var helloFlags = []option{
	{name: "count", arg: "N", initial: "0", help: "end after so many packets; 0: go on until interrupted"},
	{name: "hex", help: "print each packet as the kernel sent it, in hex"},
	{name: "stats", help: "count packets by type, and tell at the end; SIGUSR1 tells at any time"},
	{name: "w", arg: "FILE", help: "write the packets there as pcap; -: to standard output, which then has no lines"},
}

func hello(ctx until.Context, in *invocation) error { return listen(ctx, in, kmod.Hello) }
func bye(ctx until.Context, in *invocation) error   { return listen(ctx, in, kmod.Bye) }

// A listener prints what one side of the module reports.
type listener struct {
	*invocation
	side   kmod.Side
	client *kmod.Client
	file   *os.File // of -w; nil: none
	count  int      // packets to come; 0: no end

	since         time.Time
	packets       int
	types         []typeCount
	bytes, unseen uint64 // of packets, and packets that were lost
}

// A typeCount is how many packets of a type there were.
type typeCount struct {
	_ [0]func() // no equality: it would be code

	kind    string
	packets int
}

// packetJSON is a packet as --json prints it.
type packetJSON struct {
	_ [0]func() // no equality: it would be code

	Seconds     int64  `json:"seconds"`
	Nanoseconds int    `json:"nanoseconds"`
	Link        string `json:"link"`
	IfIndex     uint32 `json:"ifindex"`
	Mark        uint32 `json:"mark"`
	Seq         uint64 `json:"seq"`
	Length      uint32 `json:"length"`
	Packet      string `json:"packet"`
	Hex         string `json:"hex"`
}

// listen prints the greeting and then a line for each packet. Lost packets and a
// module that goes away are told on standard error and end nothing.
func listen(ctx until.Context, in *invocation, side kmod.Side) error {
	l := &listener{invocation: in, side: side, since: time.Now()}
	var err error
	if l.count, err = in.number("count"); err != nil {
		return err
	}
	if err := l.register(ctx); err != nil {
		return err
	}
	if err = l.open(); err == nil {
		err = l.greet()
	}
	usr := make(chan os.Signal, 1)
	signal.Notify(usr, unix.SIGUSR1, unix.SIGUSR2)
	for err == nil && ctx.Err() == nil {
		err = l.second(ctx)
		select {
		case s := <-usr:
			if s == unix.SIGUSR1 {
				l.tell(true)
			} else {
				err = l.again(ctx, "lets go of the module, so that it can be unloaded")
			}
		default:
			if _, there := kmod.Loaded(); !there {
				err = l.again(ctx, "the module is gone")
			}
		}
	}
	l.client.Close()
	l.tell(in.on("stats"))
	if errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil // so many were asked for; interrupted: that is how one leaves
	}
	return err
}

func (l *listener) register(ctx until.Context) error {
	c, err := kmod.Register(ctx, l.side, l.value("netns"), "bootlink "+l.side.String(), l.trace)
	if err == nil {
		l.client = c
	}
	return err
}

// open begins the file of -w.
func (l *listener) open() (err error) {
	switch name := l.value("w"); name {
	case "":
		return nil
	case "-":
		l.file, l.stdout = os.Stdout, io.Discard
	default:
		if l.file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			return usagef("-w: %v", err)
		}
	}
	_, err = l.file.Write(pcap.Header(pcap.Raw))
	return err
}

func (l *listener) greet() error {
	text := l.client.Greeting()
	if l.on("json") {
		return printLine(l.stdout, map[string]string{"greeting": text})
	}
	_, err := fmt.Fprintln(l.stdout, text)
	return err
}

// second takes packets for a second. io.EOF says that there were enough.
func (l *listener) second(ctx until.Context) error {
	short, stop := until.Within(ctx, time.Second)
	defer stop()
	for {
		p, err := l.client.Next(short)
		var lost *kmod.LostError
		switch {
		case short.Err() != nil && err != nil:
			return nil
		case errors.As(err, &lost):
			l.unseen += lost.Packets
			fallthrough
		case errors.Is(err, unix.ENOBUFS):
			fmt.Fprintln(l.stderr, "bootlink: packets were lost: this reader was too slow")
			continue
		}
		if err == nil {
			err = l.packet(&p)
		}
		if err == nil && l.packets == l.count {
			err = io.EOF
		}
		if err != nil {
			return err
		}
	}
}

// packet writes one down.
func (l *listener) packet(p *kmod.Packet) error {
	l.packets++
	l.bytes += uint64(p.Length)
	text := p.String()
	_, kind, _ := strings.Cut(text, ": ")
	kind, _, _ = strings.Cut(kind, ",")
	l.tally(kind)
	if l.file != nil {
		record := pcap.AppendRecord(nil, p.Time, len(p.Raw), int(p.Length))
		if _, err := l.file.Write(append(record, p.Raw...)); err != nil {
			return err
		}
	}
	if l.on("json") {
		return printLine(l.stdout, &packetJSON{Seconds: p.Time.Unix(), Nanoseconds: p.Time.Nanosecond(), Link: p.Interface, IfIndex: p.IfIndex,
			Mark: p.Mark, Seq: p.Seq, Length: p.Length, Packet: text, Hex: hex.EncodeToString(p.Raw)})
	}
	if l.on("hex") {
		_, err := fmt.Fprintf(l.stdout, "%x\n", p.Raw)
		return err
	}
	_, err := io.WriteString(l.stdout, clock(p.Time)+" "+p.Interface+" "+text+"\n")
	return err
}

// tally counts a packet's type.
func (l *listener) tally(kind string) {
	i := 0
	for i < len(l.types) && l.types[i].kind != kind {
		i++
	}
	if i == len(l.types) {
		l.types = append(l.types, typeCount{kind: kind})
	}
	l.types[i].packets++
}

// tell prints what was counted.
func (l *listener) tell(byType bool) {
	if byType {
		for i := range l.types {
			fmt.Fprintf(l.stderr, "%8d %s\n", l.types[i].packets, l.types[i].kind)
		}
	}
	took := float64(time.Since(l.since)) / 1e9
	fmt.Fprintf(l.stderr, "%d packets, %d bytes, %d lost, %.3f s, %.1f packets a second\n", l.packets, l.bytes, l.unseen, took, float64(l.packets)/took)
}

// Bounds of the wait for the module.
const (
	modulePause = 200 * time.Millisecond
	unloadTurns = 50 // of that pause, for somebody to unload it
)

// again registers anew once the module was gone and is back. An open socket keeps it
// loaded, so that this begins with letting go of it.
func (l *listener) again(ctx until.Context, why string) error {
	l.client.Close()
	fmt.Fprintf(l.stderr, "bootlink: %s: %s: waiting until it is loaded again\n", l.side, why)
	gone := false
	for turn := 0; until.Sleep(ctx, modulePause) == nil; turn++ {
		_, there := kmod.Loaded()
		if gone = gone || !there; !there || !gone && turn < unloadTurns {
			continue
		}
		err := l.register(ctx)
		var absent *kmod.AbsentError
		if errors.As(err, &absent) {
			continue
		}
		if err == nil {
			fmt.Fprintf(l.stderr, "bootlink: %s: registered again\n", l.side)
		}
		return err
	}
	return nil
}
