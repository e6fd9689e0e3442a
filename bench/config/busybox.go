package config

import (
	"os"
	"strings"

	"bootlink/bench/stopwatch"
	"bootlink/qemu/vm"
)

// busyboxScript is what most small routers have: a shell script with a line for each
// thing. Its programs are links to busybox, as Buildroot installs them, and each line
// starts one; "in its shell" is a busybox whose shell has them within, as Debian's has.
const (
	busyboxScript  = "busybox script"
	busyboxInShell = "busybox, in its shell"
)

// busyboxFiles puts busybox into the guest.
func busyboxFiles(files map[string]vm.File) error {
	program, err := os.ReadFile("../qemu/out/iproute2/bin/busybox")
	if err != nil {
		return err
	}
	files[guestDir[1:]+"/busybox"] = vm.File{Content: string(program), Mode: 0o755}
	files[guestDir[1:]+"/applets/ip"] = vm.File{Content: "../busybox", Mode: os.ModeSymlink}
	return nil
}

// busybox: there is nothing to measure where there is nothing to do, as a script is
// refused line by line.
func busybox(name, ip string) competitor {
	can := func(_ *Scenario, op string) bool { return op != again }
	return competitor{name, true, can, func(p place, s *Scenario, op string) (stopwatch.Sample, error) {
		file := "script." + op
		if err := p.(*guest).push(file, shellLines(p, s.commands(op), ip)); err != nil {
			return stopwatch.Sample{}, err
		}
		return p.run(p.program("busybox") + " sh " + p.file(file))
	}}
}

// shellLines writes commands as such a script. Busybox takes no `up` for a new link, knows
// no protocol of rules, and its tc adds nothing, so that one is iproute2's.
func shellLines(p place, lines []string, ip string) string {
	text := "set -e\n"
	for _, line := range lines {
		program, rest, _ := strings.Cut(line, " ")
		switch {
		case program != "ip":
			text += p.program(program) + " " + rest + "\n"
		case strings.HasPrefix(rest, "rule "):
			text += ip + " " + strings.TrimSuffix(rest, " protocol 98") + "\n"
		case strings.HasPrefix(rest, "link add ") && strings.Contains(rest, " up "):
			name := strings.Fields(rest)[2]
			text += ip + " " + strings.Replace(rest, " up ", " ", 1) + "\n" + ip + " link set " + name + " up\n"
		default:
			text += ip + " " + rest + "\n"
		}
	}
	return text
}
