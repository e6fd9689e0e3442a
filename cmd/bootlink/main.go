// Bootlink makes the kernel's network configuration equal to one TOML file.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/pcap"
	"bootlink/nlcore/until"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

func main() {
	ctx, cancel := until.Called()
	end := make(chan os.Signal, 1)
	signal.Notify(end, unix.SIGINT, unix.SIGTERM)
	go func() {
		<-end
		cancel()
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// invocation is one call of the program.
type invocation struct {
	_ [0]func() // no equality: it would be code

	stdout, stderr io.Writer
	command        *command
	line           *commandLine
	trace          nlcore.Tracing // nil: none is wanted
	capture        pcap.Capture   // what it writes to
}

// given tells whether a flag was given.
func (in *invocation) given(name string) bool { _, ok := in.line.flags[name]; return ok }

// value gives that of a flag.
func (in *invocation) value(name string) string {
	if value, ok := in.line.flags[name]; ok {
		return value
	}
	return in.command.option(name).initial
}

// on tells whether a switch is on.
func (in *invocation) on(name string) bool { return in.value(name) == "true" }

// word gives the i-th argument that is no flag, or "".
func (in *invocation) word(i int) string {
	if i < len(in.line.words) {
		return in.line.words[i]
	}
	return ""
}

// run is the program: it gives the exit status.
func run(ctx until.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	name, args := args[0], args[1:]
	if strings.HasPrefix(name, "-") && strings.Trim(name, "-") != "" {
		name = map[string]string{"h": "help", "help": "help", "version": "version"}[strings.Trim(name, "-")]
	}
	c := lookup(name)
	if c == nil {
		return unknownCommand(stderr, name)
	}
	line, err := c.parse(args)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "bootlink %s: %v\n", c.name, err)
		return exitUsage
	case line.help:
		c.usage(stdout)
		return exitDone
	}
	in := &invocation{stdout: stdout, stderr: stderr, command: c, line: line}
	if err := in.do(ctx); err != nil {
		if !errors.Is(err, errQuiet) {
			fmt.Fprintf(stderr, "%v\n", prefixed(err))
		}
		return exitCode(err)
	}
	return exitDone
}

// do runs the command, traced if that was asked for.
func (in *invocation) do(ctx until.Context) error {
	err := in.openTrace()
	if err == nil {
		err = in.command.run(ctx, in)
	}
	in.warn(in.capture.Err())
	return err
}

// prefixed begins a message with the program's name unless it begins with a
// place in a file.
func prefixed(err error) error {
	var faults conf.Faults
	if errors.As(err, &faults) {
		return err
	}
	return fmt.Errorf("bootlink: %w", err)
}
