package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// timeConfigs times every competitor with every configuration, a round each in
// turn, and prints a table. programs are "name=path" of builds of bootlink,
// separated by commas; "": the one of this tree.
func timeConfigs(dir, programs string, rounds int) error {
	list, err := buildConfigs(dir, programs)
	if err != nil {
		return err
	}
	files, err := os.MkdirTemp("/dev/shm", "bench-") // as /run is on a router: no disk
	if err != nil {
		return err
	}
	defer os.RemoveAll(files)
	for i, c := range configs() {
		at := filepath.Join(files, strconv.Itoa(i))
		if err := os.Mkdir(at, 0o755); err != nil {
			return err
		}
		if err := c.write(at); err != nil {
			return err
		}
		var all results
		var stay kept
		defer stay.close()
		for round := range rounds {
			if err := all.configRound(c, competitors(dir, list), dir, at, round, &stay); err != nil {
				return err
			}
		}
		fmt.Print(all.configTable(c.name))
	}
	return nil
}

func buildConfigs(dir, programs string) (list []program, err error) {
	steps := [][]string{
		{"gcc", "-O2", "-o", filepath.Join(dir, "cconfig"), "limit/cconfig.c"},
		{"gcc", "-O2", "-static", "-o", filepath.Join(dir, "meter"), "limit/meter.c"},
	}
	if programs == "" {
		programs = "bootlink=" + filepath.Join(dir, "bootlink")
		steps = append(steps, []string{"env", "CGO_ENABLED=0", "go", "-C", "..", "build", "-o", filepath.Join(dir, "bootlink"), "./cmd/bootlink"})
	}
	for word := range strings.SplitSeq(programs, ",") {
		name, path, ok := strings.Cut(word, "=")
		if !ok {
			return nil, fmt.Errorf("bootlink %q is not name=path", word)
		}
		list = append(list, program{name, path})
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return list, makeAll(steps)
}

// configRound times every competitor once.
func (r *results) configRound(c config, list []competitor, dir, files string, round int, stay *kept) error {
	for _, p := range list {
		err := inFreshNamespace(c.setup, func() error {
			if err := stay.keep(); err != nil {
				return err
			}
			if err := r.one("apply", p.name, dir, p.apply(c, files), round); err != nil {
				return err
			}
			if err := c.check(); err != nil {
				return err
			}
			if p.again != nil {
				if err := r.one("again", p.name, dir, p.again(c, files), round); err != nil {
					return err
				}
			}
			return empty()
		})
		if err != nil {
			return fmt.Errorf("%s, %s: %w", c.name, p.name, err)
		}
	}
	return nil
}

// kept are namespaces that are not to end yet: the end of one holds locks that
// every other has to wait for.
type kept struct{ list []*os.File }

// keep keeps that of the calling thread.
func (k *kept) keep() error {
	f, err := os.Open("/proc/thread-self/ns/net")
	if err == nil {
		k.list = append(k.list, f)
	}
	return err
}

func (k *kept) close() {
	for _, f := range k.list {
		f.Close()
	}
}

// empty deletes all links of this thread's namespace, many at a time.
func empty() error {
	const script = `ip -br link | sed -n '/^lo /d; s/[@ ].*//; s/.*/link set & group 7/p' | ip -batch - && ip link delete group 7`
	if text, err := exec.Command("sh", "-e", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("delete all links: %w: %s", err, text)
	}
	return nil
}

func (r *results) one(op, tool, dir string, args []string, round int) error {
	s, err := timed(dir, args)
	s.tool, s.op, s.round = tool, op, round
	r.list = append(r.list, s)
	return err
}

// check counts what there is in this thread's namespace.
func (c *config) check() error {
	text, err := exec.Command("sh", "-c", census).Output()
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || n != c.lines {
		return fmt.Errorf("there are %q objects in the end, not %d", text, c.lines)
	}
	return nil
}

// configTable prints medians, and the medians of the ratios to the limit and
// to ip -batch within a round.
func (r *results) configTable(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-32s %9s %9s %8s %8s %8s %8s  (medians; of ratios: within a round)\n", name, "wall ms", "cpu ms", "wall/C", "cpu/C", "wall/ip", "cpu/ip")
	for _, op := range []string{"apply", "again"} {
		for _, tool := range r.tools() {
			mine := r.of(op, tool)
			if len(mine) == 0 {
				continue
			}
			fmt.Fprintf(&b, "%-32s %9.2f %9.2f", op+", "+tool, medianOf(mine, wall), medianOf(mine, cpu))
			for _, against := range [][]sample{r.of(op, limit), r.of("apply", "ip -batch")} {
				fmt.Fprintf(&b, " %8.2f %8.2f", medianRatio(mine, against, wall), medianRatio(mine, against, cpu))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func wall(s sample) float64 { return float64(s.wall.Microseconds()) / 1000 }
func cpu(s sample) float64  { return float64(s.cpu.Microseconds()) / 1000 }

// of lists the samples of a tool by round.
func (r *results) of(op, tool string) (list []sample) {
	for _, s := range r.list {
		if s.op == op && s.tool == tool {
			list = append(list, s)
		}
	}
	return list
}

func medianOf(list []sample, by func(sample) float64) float64 {
	var values []float64
	for _, s := range list {
		values = append(values, by(s))
	}
	return median(values)
}

func medianRatio(list, against []sample, by func(sample) float64) float64 {
	var values []float64
	for i := range min(len(list), len(against)) {
		values = append(values, by(list[i])/max(by(against[i]), 0.001))
	}
	return median(values)
}
