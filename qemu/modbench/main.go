package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"bootlink/qemu/vm"

	"golang.org/x/sys/unix"
)

// settings are the command line.
type settings struct {
	packets, rounds int
	size, snaplen   int
	time            bool
	out             string
}

func main() {
	var s settings
	flag.IntVar(&s.packets, "packets", 4096, "`number` of packets a run; a case with many clients gets fewer")
	flag.IntVar(&s.rounds, "rounds", 3, "`number` of runs of each case")
	flag.IntVar(&s.size, "size", 84, "`bytes` of a packet, from the IP header on")
	flag.IntVar(&s.snaplen, "snaplen", 128, "`bytes` of a packet that listeners ask for")
	flag.BoolVar(&s.time, "time", false, "measure time, which is noisy, and not instructions")
	flag.StringVar(&s.out, "out", "build/bench-module", "`folder` for table and plot, below the repository's root")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "modbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	root, err := vm.Root()
	if err != nil {
		return err
	}
	if !filepath.IsAbs(s.out) {
		s.out = filepath.Join(root, s.out)
	}
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	g, err := boot(ctx, s)
	if err != nil {
		return err
	}
	defer g.Close()
	var all results
	for round := range s.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, s.rounds)
		if err := g.round(ctx, &all); err != nil {
			return err
		}
	}
	text := all.table(s)
	fmt.Print(text)
	if err := os.WriteFile(filepath.Join(s.out, "table.txt"), []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.out, "plot.svg"), []byte(all.plot(s)), 0o644)
}
