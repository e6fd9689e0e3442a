package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	sizes := flag.String("n", "1000,10000,100000,1000000", "table `sizes`")
	rounds := flag.Int("rounds", 5, "rounds; a table of a million gets fewer")
	out := flag.String("out", "../build/bench", "`folder` for programs, table and plot")
	events := flag.Bool("events", true, "measure listeners, too")
	config := flag.Bool("config", false, "measure whole configurations instead")
	programs := flag.String("bootlink", "", "with -config: builds to compare, `name=path,...`; none: this tree's")
	flag.Parse()
	err := error(nil)
	if *config {
		err = whole(*out, *programs, *rounds)
	} else {
		err = run(*sizes, *rounds, *out, *events)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// whole times whole configurations.
func whole(out, programs string, rounds int) error {
	dir, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	return timeConfigs(dir, programs, rounds)
}

func run(sizes string, rounds int, out string, events bool) error {
	dir, err := filepath.Abs(out)
	if err != nil {
		return err
	}
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
