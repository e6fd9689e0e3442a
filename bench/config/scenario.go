package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Each program does these one after the other, in one namespace.
const (
	apply  = "apply"  // all is new
	again  = "again"  // there is nothing to do
	change = "change" // one line is another
)

var ops = [...]string{apply, again, change}

// A Scenario is a configuration in the words of each program.
type Scenario struct {
	name, size string
	rounds     int  // at most so many; 0: as many as asked for
	guest      bool // this machine's kernel may not have what it needs

	setup   string                 // `ip -batch`: the devices that are there before
	files   map[string]string      // that the configurations refer to
	toml    map[string]string      // bootlink, by operation; again is apply's
	lines   []string               // "ip route add ..."
	changes []string               // what a person types for the change
	limit   func(op string) string // the program in C that writes what it knows
	counts  counts
	proof   proof

	networkd map[string]string // files by name, nil: it cannot do it
	links    int               // that networkd manages
	stanzas  map[string]string // ifupdown-ng's file by operation, nil: it cannot do it
	stanza   string            // the interface of the change

	slow map[string]bool // programs that get one round
	lazy map[string]bool // programs that get none: they would take hours
}

// counts are what census prints.
type counts struct{ links, up, ports, addresses, routes, rules, qdiscs, vlans int }

func (c counts) String() string {
	return fmt.Sprintf("links %d up %d ports %d addresses %d routes %d rules %d qdiscs %d vlans %d",
		c.links, c.up, c.ports, c.addresses, c.routes, c.rules, c.qdiscs, c.vlans)
}

// A proof is what a command shows once the change is made.
type proof struct{ command, shows string }

// Scenarios are all, by name.
func Scenarios() map[string]func() *Scenario {
	return map[string]func() *Scenario{
		"router":  func() *Scenario { return router(9) },
		"boot":    func() *Scenario { return boot("boot", "a small router", 9) },
		"boot200": func() *Scenario { return boot("boot200", "a router with 200 routes", 200) },
		"bridges": func() *Scenario { return bridges(500) },
		"rules":   func() *Scenario { return rules(10_000) },
		"routes":  func() *Scenario { return routes(1_000_000) },
		"vlans":   func() *Scenario { return vlans(1000) },
	}
}

// Names lists them, what is quick first.
func Names() []string {
	return []string{"router", "boot", "boot200", "bridges", "rules", "routes", "vlans"}
}

// cconfig gives the words of the limit for most scenarios.
func cconfig(name string, n int) func(op string) string {
	return func(op string) string { return fmt.Sprintf("cconfig %s %s %d", op, name, n) }
}

// texts gives the files of a scenario by name.
func (s *Scenario) texts() map[string]string {
	texts := maps.Clone(s.files)
	if texts == nil {
		texts = map[string]string{}
	}
	for op, text := range s.toml {
		texts["toml."+op] = text
	}
	for op, text := range s.stanzas {
		texts["interfaces."+op] = text
	}
	for _, op := range ops {
		for program, lines := range byProgram(s.commands(op)) {
			texts[program+"."+op] = strings.Join(lines, "\n") + "\n"
		}
	}
	return texts
}

// commands gives what to type for an operation, without the program's place.
func (s *Scenario) commands(op string) []string {
	switch op {
	case again:
		return repeated(s.lines)
	case change:
		return s.changes
	}
	return s.lines
}

// repeated gives commands that may be given twice, where ip has such.
func repeated(lines []string) []string {
	replace := strings.NewReplacer("address add ", "address replace ", "route add ", "route replace ", "qdisc add ", "qdisc replace ")
	list := make([]string, len(lines))
	for i, line := range lines {
		list[i] = replace.Replace(line)
	}
	return list
}

// byProgram sorts commands by their first word, which it leaves out.
func byProgram(lines []string) map[string][]string {
	programs := map[string][]string{}
	for _, line := range lines {
		program, rest, _ := strings.Cut(line, " ")
		programs[program] = append(programs[program], rest)
	}
	return programs
}

// batches gives the programs that take commands in files, ip first.
func (s *Scenario) batches(op string) []string {
	programs := slices.Sorted(maps.Keys(byProgram(s.commands(op))))
	slices.SortStableFunc(programs, func(a, b string) int { return rank(a) - rank(b) })
	return programs
}

func rank(program string) int {
	if program == "ip" {
		return 0
	}
	return 1
}
