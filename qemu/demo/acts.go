package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bootlink/qemu/vm"
)

// An act shows one thing and fails if it is not so.
type act struct {
	title string
	play  func(context.Context, *stage) error
}

func acts() []act {
	return []act{
		{"what booted", booted},
		{"the plan: what the kernel lacks against router.toml", planned},
		{"bootlink run: load the module, probe, apply, stay", applied},
		{"the kernel's 32 netlink buses", probed},
		{"status, and a second apply", settled},
		{"a LAN host and a WAN host talk through the router", forwarded},
		{"what the kernel module says of each ping", heard},
		{"a mistake that cuts off the LAN, with apply --confirm", cutOff},
	}
}

func booted(ctx context.Context, st *stage) error {
	if err := st.show(ctx, 0, "uname", "-a"); err != nil {
		return err
	}
	if err := st.show(ctx, 0, bootlink, "board"); err != nil {
		return err
	}
	var b struct{ Name string }
	if err := st.ask(ctx, &b, "board"); err != nil {
		return err
	}
	if b.Name != "qemu-virt" {
		return fmt.Errorf("the board is %q; want qemu-virt", b.Name)
	}
	st.proved("up and speaking %.1f s after power-on", st.bootTime.Seconds())
	return nil
}

// exitToDo is what `plan --exit-code` ends with when there is something to do.
const exitToDo = 5

func planned(ctx context.Context, st *stage) error {
	if err := st.show(ctx, exitToDo, bootlink, "plan", "--exit-code"); err != nil {
		return err
	}
	var p struct{ Steps []struct{ Text string } }
	if err := st.ask(ctx, &p, "plan"); err != nil {
		return err
	}
	if st.planned = len(p.Steps); st.planned == 0 {
		return fmt.Errorf("the plan of an unconfigured kernel is empty")
	}
	st.proved("%d steps, none of them taken yet", st.planned)
	return nil
}

// state is what the acts need of `status --json`.
type state struct {
	Equal   bool
	Differs []string
	Links   []struct{ Present bool }
	Module  struct{ Loaded bool }
}

// applied starts `bootlink run`, which stays to the demo's end, and waits until
// it says that the file is in force; whether that is so, status tells.
func applied(ctx context.Context, st *stage) error {
	st.command(bootlink, "run")
	p, err := st.router.Begin(ctx, bootlink, "run")
	if err != nil {
		return err
	}
	said, err := written(ctx, p, "is in force")
	for line := range strings.Lines(said.Err) {
		if strings.HasPrefix(line, "bootlink: ") { // the rest is the table that the next act shows
			st.text(line)
		}
	}
	if err != nil {
		return err
	}
	var s state
	if err := st.ask(ctx, &s, "status"); err != nil {
		return err
	}
	if !s.Equal {
		return fmt.Errorf("status says that the kernel is not as the file says: %s", strings.Join(s.Differs, "; "))
	}
	took, err := configuredIn(said.Err)
	if err != nil {
		return err
	}
	st.proved("the kernel is as the file says: %d links, %v after run began; with the boot that is %.1f s from power-on to configured",
		len(s.Links), took, (st.bootTime + took).Seconds())
	return nil
}

// configuredIn is how long run says that it took: "... is in force: 15 steps, 16 writes, 0
// awaited, 93.4ms".
func configuredIn(said string) (time.Duration, error) {
	_, line, _ := strings.Cut(said, "is in force")
	line, _, _ = strings.Cut(line, "\n")
	words := strings.Fields(line)
	if len(words) == 0 {
		return 0, fmt.Errorf("run does not say how long it took: %s", said)
	}
	return time.ParseDuration(words[len(words)-1])
}

// written waits until a process has written text. It is an error if the
// process ends before.
func written(ctx context.Context, p *vm.Process, text string) (vm.Result, error) {
	for {
		r, running, err := p.Output(ctx)
		switch {
		case err != nil:
			return r, err
		case strings.Contains(r.Out+r.Err, text):
			return r, nil
		case !running:
			return r, fmt.Errorf("it has ended with %d before it wrote %q: %s", r.Code, text, r.Err)
		}
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}

// pollEvery leaves the guest's one CPU to what is waited for.
const pollEvery = 50 * time.Millisecond

// buses that the demo's router must have, by number.
var buses = map[int]string{0: "route", 19: "hello", 21: "bye"}

func probed(ctx context.Context, st *stage) error {
	if err := st.show(ctx, 0, bootlink, "probe"); err != nil {
		return err
	}
	var report struct {
		Buses []struct {
			Number  int
			Name    string
			Present bool
		}
	}
	if err := st.ask(ctx, &report, "probe"); err != nil {
		return err
	}
	present := map[string]bool{}
	for _, b := range report.Buses {
		present[fmt.Sprint(b.Number, b.Name)] = b.Present
	}
	for number, name := range buses {
		if !present[fmt.Sprint(number, name)] {
			return fmt.Errorf("bus %d (%s) is missing", number, name)
		}
	}
	st.proved("route, hello and bye are there; each that is missing has its reason")
	return nil
}

func settled(ctx context.Context, st *stage) error {
	if err := st.show(ctx, 0, bootlink, "status"); err != nil {
		return err
	}
	var s state
	if err := st.ask(ctx, &s, "status"); err != nil {
		return err
	}
	if !s.Equal || !s.Module.Loaded {
		return fmt.Errorf("status: equal to the file %v, module loaded %v", s.Equal, s.Module.Loaded)
	}
	if err := st.show(ctx, 0, bootlink, "apply"); err != nil {
		return err
	}
	result := struct {
		Steps  []string
		Writes int
	}{Writes: -1}
	if err := st.ask(ctx, &result, "apply"); err != nil {
		return err
	}
	if len(result.Steps) != 0 || result.Writes != 0 {
		return fmt.Errorf("a second apply took %d steps with %d writes; want none", len(result.Steps), result.Writes)
	}
	st.proved("a second apply writes nothing")
	return nil
}

// round is a time as ping(8) shows it.
func round(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }
