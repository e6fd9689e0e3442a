// Bootlink makes the kernel's network configuration equal to one TOML file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// invocation is one call of the program.
type invocation struct {
	stdout, stderr io.Writer
	flags          *flag.FlagSet
	config         string
	netns          string
	runDir         string
	json           bool
	verbose        bool
}

// run is the program: it gives the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
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
	in := &invocation{stdout: stdout, stderr: stderr, flags: flag.NewFlagSet("bootlink "+c.name, flag.ContinueOnError)}
	if code, stop := in.parse(c, args); stop {
		return code
	}
	if err := c.run(ctx, in); err != nil {
		if !errors.Is(err, errQuiet) {
			fmt.Fprintf(stderr, "%v\n", prefixed(err))
		}
		return exitCode(err)
	}
	return exitDone
}

// parse reads the flags of a command, which may stand before and after its
// arguments.
func (in *invocation) parse(c *command, args []string) (code int, stop bool) {
	f := in.flags
	f.SetOutput(in.stderr)
	f.Usage = func() { c.usage(in.stderr, f) }
	f.StringVar(&in.config, "config", "/etc/bootlink/router.toml", "the configuration `FILE`")
	f.StringVar(&in.netns, "netns", "", "work in the network namespace `NAME` (below /run/netns, or a path)")
	f.StringVar(&in.runDir, "run-dir", "", "keep state in `DIR` instead of /run/bootlink")
	f.BoolVar(&in.json, "json", false, "print JSON")
	f.BoolVar(&in.verbose, "v", false, "say more")
	if c.flags != nil {
		c.flags(f)
	}
	var words []string
	for {
		switch err := f.Parse(args); {
		case errors.Is(err, flag.ErrHelp):
			return exitDone, true
		case err != nil:
			return exitUsage, true
		}
		if f.NArg() == 0 {
			break
		}
		words, args = append(words, f.Arg(0)), f.Args()[1:]
	}
	if len(words) > c.maxArgs {
		fmt.Fprintf(in.stderr, "bootlink %s: too many arguments: %s\n", c.name, strings.Join(words[c.maxArgs:], " "))
		c.usage(in.stderr, f)
		return exitUsage, true
	}
	return exitDone, f.Parse(append([]string{"--"}, words...)) != nil
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
