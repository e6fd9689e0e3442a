package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"bootlink/qemu/vm"

	"github.com/u-root/u-root/pkg/uflag"
)

// program is where the guest has what guest/modbench is the source of.
const program = "modbench"

// A guest is a machine with the program.
type guest struct {
	*vm.VM
	settings
}

// boot gives a guest without hellobye but with the modules that it is compared
// with.
func boot(ctx context.Context, s settings) (*guest, error) {
	content, err := build(ctx)
	if err != nil {
		return nil, err
	}
	v, err := vm.Start(ctx, vm.Config{
		Name:    program,
		Counted: !s.time,
		Files: map[string]vm.File{
			program:           {Content: content, Mode: 0o755},
			"etc/uinit.flags": {Content: uflag.ArgvToFile([]string{"bootlink", "version"})}, // `run` would load hellobye
		},
	})
	if err != nil {
		return nil, err
	}
	g := &guest{v, s}
	for _, module := range []string{"veth", "nf_tables", "nft_log", "nfnetlink_log"} {
		if _, err := g.output(ctx, "/bbin/modprobe", module); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

// build gives the program.
func build(ctx context.Context) (string, error) {
	root, err := vm.Root()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", program)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, program)
	c := exec.CommandContext(ctx, "go", "build", "-o", file, "./guest/modbench")
	c.Dir = filepath.Join(root, "qemu")
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm", "GOARM=7", "CGO_ENABLED=0")
	if text, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", c.Args, err, text)
	}
	content, err := os.ReadFile(file)
	return string(content), err
}

// output runs a command and gives what it prints.
func (g *guest) output(ctx context.Context, argv ...string) (string, error) {
	r, err := g.Run(ctx, argv...)
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("%s: exit status %d: %s", strings.Join(argv, " "), r.Code, strings.TrimSpace(r.Err))
	}
	return strings.TrimSpace(r.Out), err
}

// round runs each case once at each burst.
func (g *guest) round(ctx context.Context, all *results) error {
	for _, burst := range bursts() {
		for _, c := range scenarios() {
			cost, err := g.cost(ctx, c, burst)
			if err != nil {
				return fmt.Errorf("%s, bursts of %d: %w", c.name, burst, err)
			}
			all.add(c.name, burst, cost)
		}
	}
	return nil
}

// cost gives what a packet takes, in the guest's nanoseconds.
func (g *guest) cost(ctx context.Context, c scenario, burst int) (float64, error) {
	packets := max(g.packets/c.part, burst)
	argv := append([]string{"/" + program}, c.args...)
	for _, o := range []struct {
		name  string
		value int
	}{{"packets", packets}, {"burst", burst}, {"size", g.size}, {"snaplen", g.snaplen}} {
		argv = append(argv, "-"+o.name, strconv.Itoa(o.value))
	}
	text, err := g.output(ctx, argv...)
	if err != nil {
		return 0, err
	}
	took, err := strconv.ParseInt(text, 10, 64)
	return float64(took) / float64(packets), err
}
