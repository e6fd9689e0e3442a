package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A config is a configuration in the words of each tool.
type config struct {
	name  string
	setup string   // ip -batch: the devices that are there before
	toml  string   // bootlink
	ip    string   // ip -batch
	tc    string   // tc -batch
	limit []string // arguments of cconfig
	lines int      // that census counts in the end
}

// configs are those that config times.
func configs() []config { return []config{router(), bridges(500)} }

// router is a small one: a bridge with four ports, three addresses, ten
// routes, two rules, a queueing discipline.
func router() config {
	c := config{name: "router", limit: []string{"router"}, lines: 34,
		setup: "link set lo up\n", tc: "qdisc add dev p5 root handle 7: pfifo limit 77\n",
		ip: "link add br-lan up type bridge\n",
		toml: "version = 1\n[link.br-lan]\nkind = \"bridge\"\naddresses = [\"192.168.10.1/24\", \"fd00:10::1/64\"]\n" +
			"[link.p5]\naddresses = [\"203.0.113.2/30\"]\nqdisc = { kind = \"pfifo\", handle = \"7:\", limit = 77 }\n"}
	for i := 1; i <= 5; i++ {
		c.setup += fmt.Sprintf("link add p%d type veth peer name q%d\nlink set q%d up\n", i, i, i)
	}
	for i := 1; i <= 4; i++ {
		c.ip += fmt.Sprintf("link set p%d master br-lan up\n", i)
		c.toml += fmt.Sprintf("[link.p%d]\nmaster = \"br-lan\"\n", i)
	}
	c.ip += "link set p5 up\naddress add 192.168.10.1/24 dev br-lan\naddress add fd00:10::1/64 dev br-lan\naddress add 203.0.113.2/30 dev p5\n"
	c.route("default", "203.0.113.1")
	for i := 1; i <= 9; i++ {
		c.route(fmt.Sprintf("10.%d.0.0/16", i), "192.168.10.2")
	}
	for i := range 2 {
		from, priority := fmt.Sprintf("192.168.%d.0/24", 20+i), 1000+i
		c.ip += fmt.Sprintf("rule add from %s table 100 priority %d protocol 98\n", from, priority)
		c.toml += fmt.Sprintf("[[rule]]\nfrom = %q\ntable = 100\npriority = %d\n", from, priority)
	}
	return c
}

func (c *config) route(to, via string) {
	c.ip += fmt.Sprintf("route add %s via %s protocol 98\n", to, via)
	c.toml += fmt.Sprintf("[[route]]\nto = %q\nvia = %q\n", to, via)
}

// bridges is n bridges with an address each.
func bridges(n int) config {
	var ip, toml strings.Builder
	toml.WriteString("version = 1\n")
	for i := range n {
		fmt.Fprintf(&ip, "link add b%d up type bridge\naddress add 10.%d.%d.1/24 dev b%d\n", i, i/256, i%256, i)
		fmt.Fprintf(&toml, "[link.b%d]\nkind = \"bridge\"\naddresses = [\"10.%d.%d.1/24\"]\n", i, i/256, i%256)
	}
	return config{name: fmt.Sprintf("%d bridges", n), ip: ip.String(), toml: toml.String(),
		limit: []string{"bridges", fmt.Sprint(n)}, lines: 3*n + 4}
}

// census counts links, addresses, routes, rules and queueing disciplines, so
// that no tool wins by doing less.
const census = `{ ip -br link; ip -4 -o address; ip -6 -o address show to fd00::/8; ip route; ip rule; tc qdisc show handle 7:; } | wc -l`

// A competitor is a program that brings configurations about.
type competitor struct {
	name  string
	apply func(c config, dir string) []string // dir holds the files of the configuration
	again func(c config, dir string) []string // a second time, with nothing to do; nil: it cannot
}

// competitors gives the limit first, then the programs of bootlink under their
// names, then the peers.
func competitors(dir string, programs []program) []competitor {
	cconfig := filepath.Join(dir, "cconfig")
	list := []competitor{{limit,
		func(c config, _ string) []string { return append([]string{cconfig}, c.limit...) },
		func(config, string) []string { return []string{cconfig, "noop"} }}}
	for _, p := range programs {
		args := func(_ config, files string) []string {
			return []string{p.path, "apply", "--config", filepath.Join(files, "toml"), "--run-dir", filepath.Join(files, "run", p.name)}
		}
		list = append(list, competitor{p.name, args, args})
	}
	script := func(name string) func(config, string) []string {
		return func(_ config, files string) []string { return []string{"sh", "-e", filepath.Join(files, name)} }
	}
	return append(list, competitor{"ip -batch", script("batch.sh"), nil}, competitor{"ip, one a command", script("each.sh"), nil})
}

// A program is a build of bootlink.
type program struct{ name, path string }

// write puts a configuration's files into a folder.
func (c *config) write(dir string) error {
	batch := fmt.Sprintf("ip -batch %s/ip\n", dir)
	if c.tc != "" {
		batch += fmt.Sprintf("tc -batch %s/tc\n", dir)
	}
	each := ""
	for line := range strings.Lines(c.ip) {
		each += "ip " + line
	}
	for line := range strings.Lines(c.tc) {
		each += "tc " + line
	}
	for name, text := range map[string]string{"toml": c.toml, "ip": c.ip, "tc": c.tc, "batch.sh": batch, "each.sh": each} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
