package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// An option is a flag of a command, a row of the table that parser and help read.
type option struct {
	_ [0]func() // no equality: it would be code

	name    string
	arg     string // what its value is called; "": the flag is a switch
	initial string // its value when it is not given
	help    string
}

// commonOptions are those that every command takes.
var commonOptions = []option{
	{name: "config", arg: "FILE", initial: "/etc/bootlink/router.toml", help: "the configuration"},
	{name: "json", help: "print JSON"},
	{name: "netns", arg: "NAME", help: "work in this network namespace (below /run/netns, or a path)"},
	{name: "run-dir", arg: "DIR", help: "keep state there instead of in /run/bootlink"},
	{name: "state-dir", arg: "DIR", help: "keep there what outlives the boot; empty: nowhere (else /var/lib/bootlink; nowhere with --netns or --run-dir)"},
	{name: "trace", arg: "FILE", help: "write all netlink messages there, as pcap for Wireshark; without WireGuard's keys"},
	{name: "v", help: "say more"},
	{name: "vv", help: "and a line for each netlink message, on standard error"},
}

// options are all that a command takes.
func (c *command) options() []option {
	if c.flags == nil {
		return commonOptions
	}
	return slices.Concat(commonOptions, *c.flags)
}

// A commandLine is what was given to a command.
type commandLine struct {
	flags map[string]string // the value of each flag that was given
	words []string          // what is no flag
	help  bool              // help was asked for
}

// parse reads a command's flags, which may stand before and after its words.
func (c *command) parse(args []string) (*commandLine, error) {
	line := &commandLine{flags: map[string]string{}}
	if c.plain {
		line.words = args
		return line, nil
	}
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if word == "--" {
			line.words = order.Also(line.words, args...)
			break
		}
		name, isFlag := strings.CutPrefix(word, "-")
		if !isFlag || name == "" {
			line.words = order.Also(line.words, word)
			continue
		}
		var err error
		if args, err = line.flag(c, strings.TrimPrefix(name, "-"), args); err != nil || line.help {
			return line, err
		}
	}
	if len(line.words) > c.maxArgs {
		return line, usagef("too many arguments: %s; `bootlink help %s` shows what it takes", strings.Join(line.words[c.maxArgs:], " "), c.name)
	}
	return line, nil
}

// flag reads one flag, whose value may be the next argument, and gives the
// arguments that are left.
func (l *commandLine) flag(c *command, word string, args []string) ([]string, error) {
	name, value, given := strings.Cut(word, "=")
	o := c.option(name)
	switch {
	case o == nil && (name == "h" || name == "help"):
		l.help = true
	case o == nil:
		return nil, c.unknownFlag(name)
	case o.arg != "" && !given && len(args) == 0:
		return nil, usagef("--%s needs a value: --%s %s", name, name, o.arg)
	case o.arg != "" && !given:
		l.flags[name] = args[0]
		return args[1:], nil
	case o.arg != "":
		l.flags[name] = value
	case !given:
		l.flags[name] = "true"
	default:
		on, err := strconv.ParseBool(value)
		if err != nil {
			return nil, usagef("--%s=%s: --%s is a switch, write true or false", name, value, name)
		}
		l.flags[name] = strconv.FormatBool(on)
	}
	return args, nil
}

func (c *command) option(name string) *option {
	for _, o := range c.options() {
		if o.name == name {
			return &o
		}
	}
	return nil
}

func (c *command) unknownFlag(name string) error {
	var known []string
	for _, o := range c.options() {
		known = order.Also(known, o.name)
	}
	if near := conf.Suggest(name, known); near != "" {
		return usagef("unknown flag --%s: did you mean --%s?", name, near)
	}
	return usagef("unknown flag --%s: `bootlink help %s` lists those that there are", name, c.name)
}

// usage explains a command.
func (c *command) usage(w io.Writer) {
	fmt.Fprintf(w, "usage: bootlink %s [FLAGS]", c.name)
	if c.args != "" {
		fmt.Fprintf(w, " %s", c.args)
	}
	fmt.Fprintf(w, "\n\n%s\n\n", c.help)
	for _, o := range c.options() {
		o.usage(w)
	}
	if c.example != "" {
		fmt.Fprintf(w, "\nexample: %s\n", c.example)
	}
}

// dashed is the flag as one writes it.
func (o *option) dashed() string {
	if len(o.name) == 1 || o.name == "vv" {
		return "-" + o.name
	}
	return "--" + o.name
}

func (o *option) usage(w io.Writer) {
	fmt.Fprintf(w, "  %-43s %s", strings.TrimSpace(o.dashed()+" "+o.arg), o.help)
	if o.initial != "" {
		fmt.Fprintf(w, " (else %s)", o.initial)
	}
	fmt.Fprintln(w)
}
