package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bootlink/bench/config"
)

func main() {
	only := flag.String("only", "nlcore,"+strings.Join(config.Names(), ","), "what to measure: `names`")
	sizes := flag.String("n", "1000,10000,100000,1000000", "nlcore: table `sizes`")
	rounds := flag.Int("rounds", 5, "rounds; what takes long gets fewer")
	out := flag.String("out", "../build/bench", "`folder` for programs, tables and plot")
	events := flag.Bool("events", true, "nlcore: measure listeners, too")
	programs := flag.String("bootlink", "", "configurations: builds to compare, `name=path,...`; none: this tree's")
	guest := flag.Bool("guest", false, "configurations: all in the ARM guest, whose clock counts instructions")
	flag.Parse()
	options := config.Options{Programs: *programs, Rounds: *rounds, Guest: *guest}
	if err := measure(strings.Split(*only, ","), *sizes, *out, *events, options); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure measures nlcore, if it is named, then the configurations that are.
func measure(names []string, sizes, out string, events bool, o config.Options) (err error) {
	if o.Dir, err = filepath.Abs(out); err != nil {
		return err
	}
	o.Names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "nlcore" })
	if err := config.Check(o.Names); err != nil {
		return err
	}
	if len(o.Names) < len(names) {
		if err := run(sizes, o.Rounds, o.Dir, events); err != nil {
			return err
		}
	}
	if len(o.Names) == 0 {
		return nil
	}
	return config.Run(o)
}

func run(sizes string, rounds int, dir string, events bool) error {
	tools, err := build(dir)
	if err != nil {
		return err
	}
	var all results
	for word := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		for round := range roundsFor(n, rounds) {
			fmt.Fprintf(os.Stderr, "%d routes, round %d\n", n, round+1)
			if err := all.round(tools, dir, n, round); err != nil {
				return err
			}
		}
	}
	text := all.table()
	fmt.Print(text)
	if events {
		lines, err := listeners(tools, dir)
		if err != nil {
			return err
		}
		text += lines
		fmt.Print(lines)
	}
	if err := os.WriteFile(filepath.Join(dir, "table.txt"), []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "plot.svg"), []byte(all.plot()), 0o644)
}

// roundsFor keeps the whole within minutes.
func roundsFor(n, rounds int) int {
	if n >= 1_000_000 {
		return min(rounds, 2)
	}
	return rounds
}
