package main

import (
	"fmt"
	"io"

	"bootlink/nlcore/until"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// A command is a row of the program's table: help, flags and completion come
// from it.
type command struct {
	name    string
	args    string // as usage shows them
	maxArgs int
	help    string
	example string
	flags   *[]option // nil: none of its own. Tables, and pointers to them, so that none of this is code
	hidden  bool      // other commands start it, no person does
	plain   bool      // it takes no flags: all its arguments are words
	run     func(until.Context, *invocation) error
}

// commands lists the commands in the order in which help shows them.
func commands() []command {
	return []command{
		{name: "check", args: "[FILE]", maxArgs: 1, help: "check a configuration, without a kernel", example: "bootlink check router.toml", flags: &checkFlags, run: check},
		{name: "plan", help: "list the writes that would make the kernel match", example: "bootlink plan -v", flags: &planFlags, run: planCommand},
		{name: "apply", args: "[PLAN]", maxArgs: 1, help: "make the kernel match, or undo everything; a PLAN of plan --save only if it still holds", example: "bootlink apply --max-disruption none", flags: &applyFlags, run: apply},
		{name: "confirm", help: "keep the change that apply --confirm made", example: "bootlink confirm", run: confirm},
		{name: "rollback", help: "undo the pending change, or the last one", example: "bootlink rollback", run: rollback},
		{name: "keep", maxArgs: 1, hidden: true, help: "what apply --confirm starts", run: keep},
		{name: "run", help: "for the init process: probe, apply, keep it so; SIGHUP reads the file again", example: "bootlink run", flags: &runFlags, run: runCommand},
		{name: "reload", help: "have bootlink run read its file again, and tell what came of it", example: "bootlink reload", run: reload},
		{name: "events", help: "print what bootlink run puts right and says, as it comes", example: "bootlink events", run: events},
		{name: "wait", help: "wait for links, addresses and the default route", example: "bootlink wait --timeout 30s --link wan", flags: &waitFlags, run: wait},
		{name: "status", help: "what is ours, and how it differs from the file", example: "bootlink status --json", flags: &statusFlags, run: status},
		{name: "monitor", help: "print what changes in the kernel, as it comes", example: "bootlink monitor --json", flags: &monitorFlags, run: monitorCommand},
		{name: "export", help: "print the present state as a router.toml", example: "bootlink export > router.toml", flags: &exportFlags, run: export},
		{name: "probe", help: "what this kernel has, and how to get the rest", example: "bootlink probe --config router.toml --save caps.json", flags: &probeFlags, run: probe},
		{name: "ping", args: "BUS", maxArgs: 1, help: "ask a netlink bus for an ack, again and again, and tell how long it took", example: "bootlink ping route --count 3", flags: &pingFlags, run: ping},
		{name: "hello", help: "print the ICMP packets that the kernel module reports", example: "bootlink hello --count 3", flags: &helloFlags, run: hello},
		{name: "bye", help: "the same on the module's other bus", example: "bootlink bye --hex", flags: &helloFlags, run: bye},
		{name: "board", help: "the board that we run on", example: "bootlink board", flags: &boardFlags, run: boardCommand},
		{name: "schema", help: "print the JSON Schema of router.toml", example: "bootlink schema > router.schema.json", run: schema},
		{name: "completion", args: "SHELL", maxArgs: 1, help: "print completion for bash, zsh or fish", example: "bootlink completion bash > /etc/bash_completion.d/bootlink", run: completion},
		{name: "complete", hidden: true, plain: true, help: "what the scripts of completion ask", run: complete},
		{name: "version", help: "print the version", example: "bootlink version", run: version},
		{name: "help", args: "[COMMAND]", maxArgs: 1, help: "explain a command", example: "bootlink help apply", run: help},
	}
}

func lookup(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return &c
		}
	}
	return nil
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: bootlink COMMAND [FLAGS]\n\nMakes the kernel's network configuration equal to one TOML file.")
	fmt.Fprintln(w)
	for _, c := range commands() {
		if !c.hidden {
			fmt.Fprintf(w, "  %-8s %s\n", c.name, c.help)
		}
	}
	fmt.Fprintln(w, "\n`bootlink help COMMAND` explains a command and its flags.")
}

// commandNames lists those for people.
func commandNames() (names []string) {
	for _, c := range commands() {
		if !c.hidden {
			names = order.Also(names, c.name)
		}
	}
	return names
}

func unknownCommand(w io.Writer, name string) int {
	hint := "`bootlink help` lists the commands"
	if near := conf.Suggest(name, commandNames()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	fmt.Fprintf(w, "bootlink: unknown command %q: %s\n", name, hint)
	return exitUsage
}

func help(_ until.Context, in *invocation) error {
	name := in.word(0)
	if name == "" {
		usage(in.stdout)
		return nil
	}
	c := lookup(name)
	if c == nil {
		unknownCommand(in.stderr, name)
		return statusError(exitUsage)
	}
	c.usage(in.stdout)
	return nil
}

// releaseVersion is set by the linker (-X main.releaseVersion=1.2).
var releaseVersion = "development"

func version(_ until.Context, in *invocation) error {
	fmt.Fprintf(in.stdout, "bootlink %s\n", releaseVersion)
	return nil
}
