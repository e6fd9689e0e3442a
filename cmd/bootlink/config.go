package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"

	"bootlink/board"
	"bootlink/nlcore/pcap"
	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"
	"bootlink/rtcfg"
	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
	"bootlink/rtcfg/plan"
)

func printJSON(w io.Writer, v any) error {
	_, err := w.Write(jsonText(v))
	return err
}

func jsonText(v any) []byte { return append(appendJSON(nil, reflect.ValueOf(v), "\n"), '\n') }

var checkFlags = []option{{name: "caps", arg: "FILE", help: "check it against a kernel, too: a report of bootlink probe --save FILE"}}

// check needs no kernel.
func check(_ until.Context, in *invocation) error {
	if file := in.word(0); file != "" {
		in.line.flags["config"] = file
	}
	want, err := in.load()
	if err != nil {
		return err
	}
	for _, absent := range want.Absent {
		fmt.Fprintf(in.stderr, "later: %v\n", absent)
	}
	if report := in.value("caps"); report != "" {
		if err := rtcfg.CheckCaps(want, report); err != nil {
			return err
		}
	}
	fmt.Fprintf(in.stdout, "%s: good: %d links, %d addresses, %d routes, %d sysctls\n", want.File, len(want.Links()),
		len(want.Of(object.Address)), len(want.Of(object.Route)), len(want.Of(object.Sysctl)))
	return nil
}

// load reads the configuration. Where none was named, and none is at its place, it is
// the board's default.
func (in *invocation) load() (*object.Desired, error) {
	file := in.value("config")
	want, err := rtcfg.Load(file)
	if err == nil || in.given("config") || sysfile.Exists(file) {
		return want, err
	}
	b, unknown := board.Recognise(board.DeviceTree)
	if unknown != nil {
		in.warn(unknown)
		return nil, err
	}
	in.warn(errors.New("there is no " + file + ": taking the default of board " + b.Name))
	return ofBoard(b, "/router.toml", b.Router)
}

// manager loads the configuration and opens the namespace.
func (in *invocation) manager() (*rtcfg.Manager, error) {
	want, err := in.load()
	if err != nil {
		return nil, err
	}
	return rtcfg.Open(want, in.options())
}

func (in *invocation) options() rtcfg.Options {
	o := rtcfg.Options{NetNS: in.value("netns"), RunDir: in.value("run-dir"), StateDir: in.value("state-dir"), Trace: in.trace}
	if terminalWidth(in.stderr) > 0 {
		o.Progress = in.progress
	}
	if o.NetNS == "" && o.RunDir == "" && !in.given("state-dir") {
		o.StateDir = "/var/lib/bootlink"
	}
	return o
}

var planFlags = []option{
	{name: "exit-code", help: "end with status 5 when there is something to do"},
	{name: "save", arg: "FILE", help: "write the plan there, too, for bootlink apply FILE"},
}

// stepJSON is a step as `plan --json` prints it.
type stepJSON struct {
	Op         string            `json:"op"`
	Object     object.ID         `json:"object"`
	Text       string            `json:"text"`
	Values     map[string]string `json:"values"`
	Before     map[string]string `json:"before,omitempty"`
	Undo       []string          `json:"undo"`
	Disruption string            `json:"disruption"`
	Line       string            `json:"line,omitempty"`
}

type planJSON struct {
	Steps      []stepJSON        `json:"steps"`
	Awaited    []string          `json:"awaited"`
	Disruption string            `json:"disruption"`
	Outages    map[string]string `json:"outages"`
}

func planCommand(ctx until.Context, in *invocation) error {
	m, err := in.manager()
	if err != nil {
		return err
	}
	defer m.Close()
	p, err := m.Plan(ctx)
	if err == nil && in.given("save") {
		err = m.SavePlan(p, in.value("save"))
	}
	if err != nil {
		return err
	}
	if in.on("json") {
		err = printJSON(in.stdout, planValue(p))
	} else {
		printPlan(in, p)
	}
	var lacks *kernel.LackError
	if err == nil && errors.As(m.Lacks(ctx, p), &lacks) { // who may not ask is not told
		return lacks
	}
	if err == nil && !p.Empty() && in.on("exit-code") {
		return statusError(exitToDo)
	}
	return err
}

func printPlan(in *invocation, p *plan.Plan) {
	if p.Empty() {
		fmt.Fprintln(in.stdout, "nothing to do: the kernel is as the file says")
	}
	fmt.Fprint(in.stdout, p.Text(in.on("v")))
	outages := p.Outages()
	for _, link := range order.Keys(outages) {
		fmt.Fprintf(in.stdout, "outage of %s: %s\n", link, outages[link])
	}
}

func planValue(p *plan.Plan) planJSON {
	v := planJSON{Steps: []stepJSON{}, Awaited: []string{}, Disruption: p.Cost().String(), Outages: map[string]string{}}
	for i := range p.Steps {
		s := &p.Steps[i]
		j := stepJSON{Op: s.Op.String(), Object: s.ID, Text: s.String(), Values: shown(s.ID, s.Values).Map(), Before: shown(s.ID, s.Before).Map(), Disruption: s.Cost.String()}
		if !s.Pos.IsZero() {
			j.Line = s.Pos.String()
		}
		for _, u := range s.Inverse() {
			j.Undo = order.Also(j.Undo, u.String())
		}
		v.Steps = append(v.Steps, j)
	}
	for _, a := range p.Awaited {
		v.Awaited = order.Also(v.Awaited, a.String())
	}
	for link, cost := range p.Outages() {
		v.Outages[link] = cost.String()
	}
	return v
}

// shown gives values without secrets.
func shown(id object.ID, v object.Values) object.Values {
	if s := object.LookupSpec(id.Class); s != nil && v != nil {
		return s.Shown(v)
	}
	return v
}

var runFlags = []option{
	{name: "log-level", arg: "warning|info|debug", initial: "debug", help: "what is said, on standard error or in the kernel's log"},
	{name: "ready-fd", arg: "N", initial: "0", help: "write a newline to this descriptor once the network is configured, as s6 wants it"},
}

func runCommand(ctx until.Context, in *invocation) error {
	descriptor, err := strconv.Atoi(in.value("ready-fd"))
	if err != nil || descriptor < 0 {
		return usagef("--ready-fd %s: write the number of a descriptor", in.value("ready-fd"))
	}
	log, err := in.logger()
	if err != nil {
		return err
	}
	ring := &pcap.Ring{}
	in.traceTo(ring)
	o := in.options()
	o.Ring = ring
	err = rtcfg.Run(ctx, rtcfg.RunOptions{ReadyFD: descriptor, Options: o, Config: in.value("config"), Load: in.load, Rescue: rescue(), Log: log})
	if err != nil && isNull(2) {
		kernelLog(rtcfg.Warning, "bootlink: "+err.Error())
	}
	return err
}

// rescue gives the configuration of last resort of the board that we run on, nil
// where there is none.
func rescue() func() (*object.Desired, error) {
	b, err := board.Recognise(board.DeviceTree)
	if err != nil {
		return nil
	}
	return func() (*object.Desired, error) { return ofBoard(b, "/rescue.toml", b.Rescue) }
}

func ofBoard(b *board.Board, file, text string) (*object.Desired, error) {
	return rtcfg.Parse("board/"+b.Name+file, []byte(text))
}

func status(ctx until.Context, in *invocation) error {
	m, err := in.manager()
	if err != nil {
		return err
	}
	defer m.Close()
	s, err := m.Status(ctx)
	if err != nil {
		return err
	}
	switch {
	case in.on("json"):
		err = printJSON(in.stdout, s)
	case in.on("dot"):
		s.Dot(in.stdout)
	default:
		s.Text(in.stdout, &rtcfg.Look{Width: terminalWidth(in.stdout), Colours: colours(in.stdout)})
	}
	if err == nil && in.on("check") && !s.Good() {
		return statusError(exitFailed)
	}
	return err
}

var statusFlags = []option{
	{name: "check", help: "end with status 1 unless the kernel is as the file says, and what is in force is that file"},
	{name: "dot", help: "print the links as a graph for Graphviz: bootlink status --dot | dot -Tsvg"},
}

// reload has a running `bootlink run` read its file again.
func reload(_ until.Context, in *invocation) error {
	text, err := rtcfg.AskDaemon(in.options(), "reload")
	if err == nil {
		fmt.Fprint(in.stdout, text)
	}
	return err
}

// events prints what a running `bootlink run` says, until it ends.
func events(_ until.Context, in *invocation) error { return rtcfg.Events(in.options(), in.stdout) }

// optional loads the configuration where there is one: some commands only take
// hints from it.
func (in *invocation) optional() (*object.Desired, error) {
	if !sysfile.Exists(in.value("config")) && !in.given("config") {
		return nil, nil
	}
	return rtcfg.Load(in.value("config"))
}

func schema(_ until.Context, in *invocation) error { return printJSON(in.stdout, object.Schema()) }

// printLine prints JSON on one line.
func printLine(w io.Writer, v any) error {
	_, err := w.Write(append(appendJSON(nil, reflect.ValueOf(v), ""), '\n'))
	return err
}
