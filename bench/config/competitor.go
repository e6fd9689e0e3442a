package config

import (
	"fmt"
	"strings"

	"bootlink/bench/stopwatch"
)

// The programs, by the names in tables. bootlink's are those of its builds.
const (
	climit   = "C limit"
	batch    = "ip -batch"
	oneByOne = "ip, one a command"
	networkd = "systemd-networkd"
	ifupdown = "ifupdown-ng"
)

// A competitor is a program that brings configurations about.
type competitor struct {
	name string
	peer bool // that it fails is told, and the rest goes on
	can  func(s *Scenario, op string) bool
	do   func(p place, s *Scenario, op string) (stopwatch.Sample, error)
}

// A place is a network namespace with what programs need.
type place interface {
	run(lines ...string) (stopwatch.Sample, error) // timed, one after the other
	output(line string) (string, error)            // not timed
	program(name string) string                    // where it is
	file(name string) string                       // a file of the scenario
}

// A program is a build of bootlink.
type program struct{ name, path string }

func everything(*Scenario, string) bool { return true }

// common are those that need nothing but programs: the limit first.
func common(programs []program) []competitor {
	list := []competitor{{climit, false, everything, func(p place, s *Scenario, op string) (stopwatch.Sample, error) { return p.run(placed(p, s.limit(op))) }}}
	for _, b := range programs {
		list = append(list, competitor{b.name, false, everything, b.apply})
	}
	return append(list, competitor{batch, true, everything, inBatches}, competitor{oneByOne, true, everything, oneACommand})
}

// apply: the same command whether there is something to do or not.
func (b program) apply(p place, s *Scenario, op string) (stopwatch.Sample, error) {
	file := "toml." + apply
	if op == change {
		file = "toml." + change
	}
	return p.run(fmt.Sprintf("%s apply --config %s --run-dir %s", b.path, p.file(file), p.file("run-"+b.name)))
}

func inBatches(p place, s *Scenario, op string) (stopwatch.Sample, error) {
	var lines []string
	for _, program := range s.batches(op) {
		line := p.program(program) + " -batch " + p.file(program+"."+op)
		if op == again {
			line = "-" + p.program(program) + " -force -batch " + p.file(program+"."+op)
		}
		lines = append(lines, line)
	}
	return p.run(lines...)
}

func oneACommand(p place, s *Scenario, op string) (stopwatch.Sample, error) {
	var lines []string
	for _, line := range s.commands(op) {
		line = placed(p, line)
		if op == again {
			line = "-" + line
		}
		lines = append(lines, line)
	}
	return p.run(lines...)
}

// placed says where a command's program is.
func placed(p place, line string) string {
	program, rest, _ := strings.Cut(line, " ")
	return p.program(program) + " " + rest
}
