package main

import (
	"fmt"
	"os"
	"os/signal"
	"time"

	"bootlink/nlcore/until"
	"bootlink/rtcfg"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

var applyFlags = []option{
	{name: "max-disruption", arg: "none|down|detach|recreate", initial: "recreate", help: "refuse a plan that disturbs a link more"},
	{name: "confirm", arg: "TIME", help: "undo everything after that time, unless bootlink confirm comes"},
}

func apply(ctx until.Context, in *invocation) error {
	o, err := in.applyOptions()
	if err != nil {
		return err
	}
	m, err := in.manager()
	if err != nil {
		return err
	}
	defer m.Close()
	if !in.given("confirm") {
		o.Confirm = m.Confirm()
	}
	signal.Notify(make(chan os.Signal, 1), unix.SIGHUP, unix.SIGPIPE) // nobody reads them: a terminal that goes away by what we do is no reason to stop halfway
	if o.Confirm > 0 {
		if err := in.startKeeper(); err != nil {
			return err
		}
	}
	result, err := m.Apply(ctx, o)
	if err != nil {
		return err
	}
	if result.Recovered != nil {
		fmt.Fprintf(in.stderr, "bootlink: %s\n", result.Recovered)
	}
	in.warn(result.Unkept)
	if in.on("json") {
		return printJSON(in.stdout, resultValue(result))
	}
	in.tellResult(result)
	if o.Confirm > 0 && len(result.Steps) > 0 {
		fmt.Fprintf(in.stdout, "undone in %v, unless you say: bootlink confirm\n", o.Confirm)
	}
	return nil
}

// warn tells what is no failure; nil: nothing.
func (in *invocation) warn(err error) {
	if err != nil {
		fmt.Fprintf(in.stderr, "bootlink: %v\n", err)
	}
}

func (in *invocation) applyOptions() (o rtcfg.ApplyOptions, err error) {
	word := in.value("max-disruption")
	limit, ok := object.ParseCost(word)
	if !ok {
		return o, usagef("--max-disruption %s: write none, down, detach or recreate", word)
	}
	o.MaxDisruption = limit
	if file := in.word(0); file != "" {
		if o.Saved, err = rtcfg.ReadPlan(file); err != nil {
			return o, usagef("%v", err)
		}
	}
	if in.given("confirm") {
		o.Anyway = true
		o.Confirm, err = in.duration("confirm")
	}
	return o, err
}

// duration reads a flag that is a time.
func (in *invocation) duration(name string) (time.Duration, error) {
	ms, ok := object.Milliseconds(in.value(name))
	if !ok {
		return 0, usagef("--%s %s: write a time like 30s or 5m", name, in.value(name))
	}
	return time.Duration(ms) * time.Millisecond, nil
}

func (in *invocation) tellResult(result *rtcfg.Result) {
	if in.on("v") {
		for i := range result.Steps {
			fmt.Fprintf(in.stdout, "%3d  %s\n", i+1, &result.Steps[i])
		}
	}
	for _, a := range result.Awaited {
		fmt.Fprintf(in.stderr, "later: %s\n", a)
	}
	fmt.Fprintf(in.stdout, "%s is in force: %d steps, %d writes\n", in.value("config"), len(result.Steps), result.Writes)
}

type resultJSON struct {
	Steps   []string `json:"steps"`
	Awaited []string `json:"awaited"`
	Writes  uint64   `json:"writes"`
}

func resultValue(r *rtcfg.Result) resultJSON {
	v := resultJSON{Steps: []string{}, Awaited: []string{}, Writes: r.Writes}
	for i := range r.Steps {
		v.Steps = order.Also(v.Steps, r.Steps[i].String())
	}
	for _, a := range r.Awaited {
		v.Awaited = order.Also(v.Awaited, a.String())
	}
	return v
}

func confirm(_ until.Context, in *invocation) error {
	kept, err := rtcfg.Confirm(in.options())
	switch {
	case kept:
		fmt.Fprintln(in.stdout, "the change is kept")
		in.warn(err)
	case err != nil:
		return err
	default:
		fmt.Fprintln(in.stdout, "nothing waits for a confirm")
	}
	return nil
}

func rollback(ctx until.Context, in *invocation) error {
	r, err := rtcfg.Rollback(ctx, in.options())
	if err != nil {
		return err
	}
	return in.recovered(r)
}

// recovered tells what was undone; what could not be is a failure.
func (in *invocation) recovered(r *rtcfg.Recovery) error {
	if len(r.Left) > 0 {
		return &rtcfg.IncompleteError{Cause: fmt.Errorf("%s", r.Why), Left: r.Left}
	}
	fmt.Fprintln(in.stdout, r)
	return nil
}
