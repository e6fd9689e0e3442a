package config

import (
	"fmt"
	"path/filepath"

	"bootlink/bench/stopwatch"
)

// newIfupdown runs ifupdown-ng from the folder that bench/fetch unpacked it to: it
// cannot be installed beside ifupdown. What it has no words for are commands in
// its file, as a person would have them there.
func newIfupdown(h *host) competitor {
	return competitor{ifupdown, true, func(s *Scenario, _ string) bool { return s.stanzas != nil }, h.ifupdown}
}

func (h *host) ifupdown(p place, s *Scenario, op string) (stopwatch.Sample, error) {
	root := filepath.Join(h.dir, "ifupdown-ng")
	if op == apply {
		stage := fmt.Sprintf("mount -t tmpfs run /run\nmount -t sysfs sys /sys\nmount -t overlay -o lowerdir=%s/usr/libexec:/usr/libexec usr /usr/libexec", root)
		if err := script(stage); err != nil {
			return stopwatch.Sample{}, err
		}
	}
	command := func(verb, op string) string {
		return fmt.Sprintf("%s/sbin/%s -i %s -S /run/ifstate ", root, verb, p.file("interfaces."+op))
	}
	if op == change {
		return p.run(command("ifdown", apply)+s.stanza, command("ifup", change)+s.stanza)
	}
	return p.run(command("ifup", apply) + "-a")
}
