package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
	"bootlink/rtcfg"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

var pingFlags = []option{
	{name: "all", help: "ping each of the 32 buses once; what is not there is not opened"},
	{name: "count", arg: "N", initial: "0", help: "end after so many; 0: go on until interrupted"},
	{name: "interval", arg: "TIME", initial: "1s", help: "wait so long between them"},
	{name: "timeout", arg: "TIME", initial: "1s", help: "wait so long for an answer"},
}

// A pinger pings buses and sums up.
type pinger struct {
	*invocation
	count             int
	interval, timeout time.Duration
	sum               nlcore.Pings
}

// pingJSON is an answer as `ping --json` prints it.
type pingJSON struct {
	_ [0]func() // no equality: it would be code

	Bus    int    `json:"bus"`
	Name   string `json:"name"`
	Seq    int    `json:"seq"`
	Answer string `json:"answer"`
	Time   int    `json:"microseconds"` // -1: none came
}

func ping(ctx until.Context, in *invocation) error {
	p := pinger{invocation: in}
	buses, err := p.arguments()
	start := time.Now()
	for i := range buses {
		if err = p.bus(ctx, &buses[i]); err != nil && len(buses) > 1 {
			p.answer(&buses[i], 0, -1, err.Error())
			err = nil
		}
	}
	var lacks *nlcore.UnsupportedError
	var wrong *usageError
	switch {
	case err != nil && !errors.As(err, &lacks) && !errors.As(err, &wrong):
		return usagef("%v", err)
	case err != nil:
		return err
	case len(buses) == 1:
		p.summary(buses[0].Bus.String(), time.Since(start))
	}
	if p.sum.Received == 0 {
		return statusError(exitFailed)
	}
	return nil
}

// arguments reads the command line, and gives the buses that it means.
func (p *pinger) arguments() (buses []rtcfg.BusReport, err error) {
	var none, bad error
	p.timeout, err = p.duration("timeout")
	p.interval, bad = p.duration("interval")
	p.count, none = p.number("count")
	want, wrong := p.optional()
	if err = errors.Join(err, bad, none, wrong); err == nil {
		buses, err = rtcfg.ProbeBuses(want, p.value("netns"))
	}
	word := p.word(0)
	if err != nil || p.on("all") && word == "" {
		p.count = 1
		return buses, err
	}
	known, ok := nlcore.LookupBus(word)
	number, names := known.Number, []string{}
	for i := range buses { // the numbers of hello and bye can be others than those of the table
		b := &buses[i].Bus
		if word != "" && b.Name == word {
			number, ok = i, true
		}
		names = order.Also(names, b.Name, b.Alias)
	}
	if !ok || p.on("all") {
		hint := "write a name, a number from 0 to 31, or --all alone"
		if near := conf.Suggest(word, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, usagef("no netlink bus %q: %s", word, hint)
	}
	return buses[number:][:1], nil
}

// bus pings one.
func (p *pinger) bus(ctx until.Context, b *rtcfg.BusReport) error {
	n := b.Bus.Number
	if !b.Present {
		return &nlcore.UnsupportedError{Bus: b.Bus, Errno: b.Errno}
	}
	conn, err := nlcore.Dial(n, nlcore.Options{NetNS: p.value("netns"), Trace: p.trace.On(n)})
	if err != nil {
		return err
	}
	for seq := 1; ctx.Err() == nil; seq++ {
		bounded, stop := until.Within(ctx, p.timeout)
		rtt, err := conn.Ping(bounded)
		us, text := int(rtt/time.Microsecond), "ack"
		var refused *nlcore.Error
		switch {
		case ctx.Err() != nil:
			continue
		case err == nil:
		case errors.As(err, &refused):
			text = refused.Errno.Error()
		case bounded.Err() != nil:
			us, text = -1, "no answer in time: not every bus acknowledges a NOOP"
		case errors.Is(err, unix.ECONNREFUSED):
			us, text = -1, "no answer: the kernel does not listen on this bus"
		default:
			return err
		}
		stop()
		p.sum.Add(us)
		p.answer(b, seq, us, text)
		if seq == p.count || until.Sleep(ctx, p.interval) != nil {
			break
		}
	}
	return conn.Close()
}

// answer prints a line for what came, or did not.
func (p *pinger) answer(b *rtcfg.BusReport, seq, us int, text string) {
	switch {
	case p.on("json"):
		_ = printLine(p.stdout, &pingJSON{Bus: b.Bus.Number, Name: b.Bus.Name, Seq: seq, Answer: text, Time: us})
		return
	case seq == 0: // the text names the bus
	case us < 0:
		text = fmt.Sprintf("%s: seq=%d %s", b.Bus.String(), seq, text)
	default:
		text = fmt.Sprintf("%s from %s: seq=%d time=%.3f ms", text, b.Bus.String(), seq, float64(us)/1000)
	}
	fmt.Fprintln(p.stdout, text)
}

func (p *pinger) summary(bus string, took time.Duration) {
	s := &p.sum
	if p.on("json") {
		_ = printLine(p.stdout, s)
		return
	}
	fmt.Fprintf(p.stdout, "\n--- %s ping statistics ---\n%d packets transmitted, %d received, %d%% packet loss, time %dms\n", bus, s.Sent, s.Received, s.Lost, took/time.Millisecond)
	if s.Received > 0 {
		const ms = 1000.0
		fmt.Fprintf(p.stdout, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", float64(s.Min)/ms, float64(s.Avg)/ms, float64(s.Max)/ms, float64(s.Dev)/ms)
	}
}

// number reads a flag that counts.
func (in *invocation) number(name string) (int, error) {
	n, err := strconv.Atoi(in.value(name))
	if err != nil || n < 0 {
		return 0, usagef("--%s %s: write a number", name, in.value(name))
	}
	return n, nil
}
