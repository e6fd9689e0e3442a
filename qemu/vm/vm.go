package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"bootlink/qemu/guest/wire"
)

// VM is a running guest. Its methods may be used by several goroutines.
type VM struct {
	cfg     Config
	dir     string
	cmd     *exec.Cmd
	console *log
	agent   *agent
	ended   chan struct{} // closed when QEMU has ended
	release func()
}

// slots bounds the guests that run at a time: each wants a core, and 256 MiB.
var slots = make(chan struct{}, 2)

// Start boots a guest and waits until its agent speaks. The context bounds the
// boot; Close ends the guest.
func Start(ctx context.Context, c Config) (*VM, error) {
	if err := c.defaults(); err != nil {
		return nil, err
	}
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	v := &VM{cfg: c, console: &log{copy: c.Console}, ended: make(chan struct{}), release: sync.OnceFunc(func() { <-slots })}
	if err := v.boot(ctx); err != nil {
		v.Close()
		return nil, fmt.Errorf("guest %s: %w\n%s", c.Name, err, v.Report())
	}
	return v, nil
}

func (v *VM) boot(ctx context.Context) (err error) {
	if v.dir, err = os.MkdirTemp("", "bootlink-vm-"); err != nil {
		return err
	}
	if err := v.cfg.initrd(filepath.Join(v.dir, "initrd")); err != nil {
		return err
	}
	listener, err := net.Listen("unix", filepath.Join(v.dir, "agent"))
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := v.exec(); err != nil {
		return err
	}
	if v.cfg.board().bus == "" {
		return nil
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			accepted <- conn
		}
	}()
	select {
	case conn := <-accepted:
		v.agent = newAgent(conn, v.ended)
	case <-v.ended:
		return fmt.Errorf("QEMU ended before the guest was up")
	case <-ctx.Done():
		return ctx.Err()
	}
	if v.cfg.NoAgent {
		return nil
	}
	return v.agent.hello(ctx)
}

func (v *VM) exec() error {
	args := v.cfg.args(v.dir)
	v.cmd = exec.Command(args[0], args[1:]...)
	v.cmd.Stdout, v.cmd.Stderr, v.cmd.Stdin = v.console, v.console, v.cfg.Input
	if err := v.cmd.Start(); err != nil {
		return fmt.Errorf("%w: run `make setup`", err)
	}
	go func() {
		v.cmd.Wait()
		close(v.ended)
	}()
	return nil
}

// Close ends the guest at once and removes its files.
func (v *VM) Close() {
	if v.cmd != nil && v.cmd.Process != nil {
		v.cmd.Process.Kill()
		<-v.ended
	}
	if v.agent != nil {
		v.agent.conn.Close()
	}
	os.RemoveAll(v.dir)
	v.release()
}

// Wait waits until the guest has ended by itself, or the context has.
func (v *VM) Wait(ctx context.Context) error {
	select {
	case <-v.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ended tells whether the guest has.
func (v *VM) Ended() bool {
	select {
	case <-v.ended:
		return true
	default:
		return false
	}
}

// Console gives what the console has said so far.
func (v *VM) Console() string { return v.console.String() }

// CommandLine is QEMU's, quoted for a shell. The files in it are gone once the
// guest is closed.
func (v *VM) CommandLine() string {
	var quoted []string
	for _, a := range v.cfg.args(v.dir) {
		if strings.ContainsAny(a, " ,;&|$'\"") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		quoted = append(quoted, a)
	}
	return strings.Join(quoted, " ")
}

// reportLines is how much of the console a failure shows.
const reportLines = 60

// Report is what a person wants to see after a failure: the end of the console,
// or what the kernel said when it first complained.
func (v *VM) Report() string {
	lines := strings.Split(strings.TrimSpace(v.Console()), "\n")
	first := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "BUG:") || strings.Contains(l, "WARNING:") })
	if first < 0 {
		first = len(lines) - reportLines
	}
	lines = lines[max(0, first):]
	lines = lines[:min(len(lines), reportLines)]
	return fmt.Sprintf("command line: %s\nconsole:\n%s", v.CommandLine(), strings.Join(lines, "\n"))
}

// Result is how a command in the guest ended.
type Result struct {
	Code     int // exit status; wire.TimedOut when its time was up
	Out, Err string
}

// Run runs a command in the guest to its end. The error says that it could not
// be run, or that the guest has ended; an exit status is no error.
func (v *VM) Run(ctx context.Context, argv ...string) (Result, error) {
	return v.result(ctx, wire.Request{Argv: argv, Timeout: seconds(ctx)})
}

// Push writes a file in the guest.
func (v *VM) Push(ctx context.Context, path string, data []byte, mode os.FileMode) error {
	_, err := v.result(ctx, wire.Request{File: path, Data: data, Mode: uint32(mode)})
	return err
}

func (v *VM) result(ctx context.Context, r wire.Request) (Result, error) {
	a, err := v.ask(ctx, r)
	return Result{a.Code, a.Out.String(), a.Err.String()}, err
}

// ask names the guest in an error. When the guest has ended, it also shows what
// the console said last.
func (v *VM) ask(ctx context.Context, r wire.Request) (wire.Response, error) {
	a, err := v.agent.ask(ctx, r)
	switch {
	case errors.Is(err, errEnded):
		err = fmt.Errorf("guest %s: %w\n%s", v.cfg.Name, err, v.Report())
	case err != nil:
		err = fmt.Errorf("guest %s: %w", v.cfg.Name, err)
	}
	return a, err
}

// A Process runs in the guest.
type Process struct {
	v   *VM
	pid int
}

// Begin starts a command in the guest and leaves it running.
func (v *VM) Begin(ctx context.Context, argv ...string) (*Process, error) {
	a, err := v.ask(ctx, wire.Request{Start: argv})
	return &Process{v, a.PID}, err
}

// Output gives what it has written so far, and whether it still runs.
func (p *Process) Output(ctx context.Context) (r Result, running bool, err error) {
	a, err := p.v.ask(ctx, wire.Request{Output: p.pid})
	return Result{a.Code, a.Out.String(), a.Err.String()}, a.Running, err
}

// Wait waits for its end.
func (p *Process) Wait(ctx context.Context) (Result, error) {
	a, err := p.v.ask(ctx, wire.Request{Output: p.pid, Wait: true, Timeout: seconds(ctx)})
	if err == nil && a.Running {
		err = fmt.Errorf("still running: %w", context.DeadlineExceeded)
	}
	return Result{a.Code, a.Out.String(), a.Err.String()}, err
}

// Signal sends a signal to it and its children.
func (p *Process) Signal(ctx context.Context, signal int) error {
	_, err := p.v.ask(ctx, wire.Request{Kill: p.pid, Signal: signal})
	return err
}

// log keeps what the console says.
type log struct {
	mu   sync.Mutex
	text []byte
	copy io.Writer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	if l.copy != nil {
		l.copy.Write(b)
	}
	return len(b), nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.ReplaceAll(string(l.text), "\r", "")
}
