package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bootlink/bench/stopwatch"
)

// Options say what to measure.
type Options struct {
	Dir      string   // for programs and the table
	Names    []string // of scenarios
	Programs string   // builds of bootlink to compare, "name=path,..."; "": this tree's
	Rounds   int
	Guest    bool // measure all in the ARM guest
}

// Run measures scenarios, prints their tables and writes them into a file.
func Run(o Options) error {
	programs, err := build(o.Dir, o.Programs)
	if err != nil {
		return err
	}
	h, missing, err := newHost(o.Dir, programs)
	if err != nil {
		return err
	}
	defer h.close()
	text := ""
	for _, m := range missing {
		text += "left out: " + m + "\n"
	}
	fmt.Print(text)
	for _, name := range o.Names {
		part, err := one(h, Scenarios()[name](), o, programs)
		if err != nil {
			return err
		}
		fmt.Print(part)
		text += part
	}
	return os.WriteFile(filepath.Join(o.Dir, "configurations.txt"), []byte(text), 0o644)
}

// one measures a scenario where it can be.
func one(h *host, s *Scenario, o Options, programs []program) (string, error) {
	var m machine = h
	if s.guest || o.Guest {
		g, err := newGuest(o.Dir)
		if err != nil {
			return "", err
		}
		defer g.close()
		m, programs = g, g.programs()
	}
	r, err := measure(m, s, o.Rounds)
	if err != nil {
		return "", err
	}
	text := r.table()
	for _, p := range programs {
		text += r.verdicts(p.name)
	}
	return text, nil
}

// Check tells names that are not those of scenarios.
func Check(names []string) error {
	for _, name := range names {
		if !slices.Contains(Names(), name) {
			return fmt.Errorf("no scenario %q: there are %s", name, strings.Join(Names(), ", "))
		}
	}
	return nil
}

// build makes the programs in C, and bootlink as it is shipped.
func build(dir, programs string) (list []program, err error) {
	var commands [][]string
	for _, name := range []string{"cconfig", "climit", "census"} {
		commands = append(commands, []string{"gcc", "-O2", "-o", filepath.Join(dir, name), "limit/" + name + ".c"})
	}
	if programs == "" {
		path := filepath.Join(dir, "bootlink")
		programs = "bootlink=" + path
		commands = append(commands, []string{"env", "CGO_ENABLED=0", "go", "-C", "..", "build", "-trimpath", "-o", path, "./cmd/bootlink"})
	}
	for word := range strings.SplitSeq(programs, ",") {
		name, path, ok := strings.Cut(word, "=")
		if !ok {
			return nil, fmt.Errorf("bootlink %q is not name=path", word)
		}
		list = append(list, program{name, path})
	}
	return list, stopwatch.Build(dir, commands...)
}
