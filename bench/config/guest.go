package config

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"bootlink/bench/stopwatch"
	"bootlink/qemu/vm"

	"github.com/u-root/u-root/pkg/uflag"
)

// guestDir is where the guest has our programs and the scenario's files.
const guestDir = "/bench"

// guest is an ARM machine in QEMU with Debian's kernel, whose clock counts
// instructions.
type guest struct {
	*vm.VM
	serial int    // of its namespaces
	netns  string // the present one
}

// newGuest boots the product's image with the programs in C; dir is for building.
func newGuest(dir string) (*guest, error) {
	files := map[string]vm.File{"etc/uinit.flags": {Content: uflag.ArgvToFile([]string{"bootlink", "version"})}} // `run` would configure it
	for _, name := range []string{"cconfig", "climit", "census", "meter"} {
		path := filepath.Join(dir, name+".arm")
		c := exec.Command("arm-linux-gnueabihf-gcc", "-O2", "-static", "-s", "-o", path, "limit/"+name+".c")
		if text, err := c.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%v: %w\n%s", c.Args, err, text)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		files[guestDir[1:]+"/"+name] = vm.File{Content: string(content), Mode: 0o755}
	}
	if err := busyboxFiles(files); err != nil {
		return nil, err
	}
	v, err := vm.Start(context.Background(), vm.Config{Name: "bench", Counted: true, Memory: 512, Files: files})
	if err != nil {
		return nil, err
	}
	g := &guest{VM: v}
	for _, module := range []string{"veth", "bridge", "8021q", "ipv6"} {
		if _, err := g.shell("/bbin/modprobe " + module); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

func (g *guest) where() string { return ", in the ARM guest, a nanosecond an instruction" }

func (g *guest) competitors() []competitor {
	return append(common(g.programs()), busybox(busyboxScript, guestDir+"/applets/ip"), busybox(busyboxInShell, "ip"))
}

// programs is what the image has.
func (g *guest) programs() []program { return []program{{"bootlink", "/bbin/bootlink"}} }

func (g *guest) release() {}
func (g *guest) close()   { g.Close() }

func (g *guest) put(s *Scenario) error {
	for name, text := range s.texts() {
		if err := g.push(name, text); err != nil {
			return err
		}
	}
	return g.push("setup", s.setup)
}

func (g *guest) push(name, text string) error {
	return g.Push(context.Background(), g.file(name), []byte(text), 0o644)
}

// within runs f in a namespace of its own. It ends with all that is in it.
func (g *guest) within(_ *Scenario, f func(place) error) error {
	g.serial++
	g.netns = fmt.Sprintf("n%d", g.serial)
	ip := g.program("ip")
	if _, err := g.shell(ip + " netns add " + g.netns); err != nil {
		return err
	}
	defer g.shell(ip + " netns delete " + g.netns)
	if _, err := g.shell("/bbin/rm -rf " + g.file("run-bootlink")); err != nil {
		return err
	}
	if _, err := g.output(ip + " -batch " + g.file("setup")); err != nil {
		return err
	}
	return f(g)
}

func (g *guest) run(lines ...string) (s stopwatch.Sample, err error) {
	if err := g.push("commands", strings.Join(lines, "\n")+"\n"); err != nil {
		return s, err
	}
	text, err := g.output(g.program("meter") + " " + g.file("commands"))
	if err != nil {
		return s, err
	}
	return stopwatch.Parse(text)
}

// output runs a command in the present namespace.
func (g *guest) output(line string) (string, error) {
	return g.shell(g.program("ip") + " netns exec " + g.netns + " " + line)
}

// shell runs a command in the guest's first namespace.
func (g *guest) shell(line string) (string, error) {
	r, err := g.Run(context.Background(), strings.Fields(line)...)
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("%s: exit status %d: %s", line, r.Code, strings.TrimSpace(r.Err))
	}
	return r.Out, err
}

func (g *guest) program(name string) string {
	switch name {
	case "ip", "tc", "bridge":
		return "/opt/iproute2/" + name
	}
	return guestDir + "/" + name
}

func (g *guest) file(name string) string { return guestDir + "/" + name }
