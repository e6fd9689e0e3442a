package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// demoTime bounds all but the shell; a quiet machine needs a fifth of it.
const demoTime = 3 * time.Minute

func main() {
	interactive := flag.Bool("interactive", false, "leave a shell on the router's console afterwards")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "demo: too many arguments: %s\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer stop()
	if err := run(ctx, newScreen(os.Stdout), *interactive); err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

// run plays all acts, and then gives the console away if that is asked for.
func run(ctx context.Context, s *screen, interactive bool) error {
	bounded, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	start := time.Now()
	st, err := raise(bounded, s, interactive)
	if err != nil {
		return err
	}
	defer st.close()
	for _, a := range acts() {
		s.title(a.title)
		if err := a.play(bounded, st); err != nil {
			s.failed(err)
			return errors.New(st.router.Report())
		}
	}
	s.verdict(fmt.Sprintf("all of it worked, in %.1f s", time.Since(start).Seconds()))
	if interactive {
		return st.shell(ctx)
	}
	return nil
}
