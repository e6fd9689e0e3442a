package main

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"syscall"

	"bootlink/qemu/guest/wire"
)

// jobs are the commands that were started and are not waited for, by process
// ID. They are never forgotten: a test's guest does not live long.
type jobs struct {
	mu sync.Mutex
	m  map[int]*job
}

// A job is one of them. Code and fail may be read once ended is closed.
type job struct {
	out, err buffer
	ended    chan struct{}
	code     int
	fail     string
}

// A buffer collects output while others read what is there.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// bytes returns a copy of all that was written.
func (b *buffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}

func newJobs() *jobs { return &jobs{m: map[int]*job{}} }

func (js *jobs) get(pid int) *job {
	js.mu.Lock()
	defer js.mu.Unlock()
	return js.m[pid]
}

// start starts a command with the request's standard input.
func (js *jobs) start(req wire.Request) wire.Response {
	j := &job{ended: make(chan struct{})}
	ctx := context.Background()
	cmd := command(ctx, req.Start)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(req.In), &j.out, &j.err
	if err := cmd.Start(); err != nil {
		return wire.Response{Code: -1, Fail: err.Error()}
	}
	js.mu.Lock()
	js.m[cmd.Process.Pid] = j
	js.mu.Unlock()
	go func() {
		j.code, j.fail = exitCode(ctx, cmd.Wait())
		close(j.ended)
	}()
	return wire.Response{PID: cmd.Process.Pid}
}

// kill signals a job's process group. One that has ended gets no signal: its
// ID may be somebody else's by now.
func (js *jobs) kill(req wire.Request) wire.Response {
	j := js.get(req.Kill)
	if j == nil {
		return wire.Response{Fail: fmt.Sprintf("kill %d: not started by me", req.Kill)}
	}
	select {
	case <-j.ended:
		return wire.Response{}
	default:
	}
	signal := syscall.Signal(req.Signal)
	if signal == 0 {
		signal = syscall.SIGTERM
	}
	if err := syscall.Kill(-req.Kill, signal); err != nil && err != syscall.ESRCH {
		return wire.Response{Fail: fmt.Sprintf("kill %d: %v", req.Kill, err)}
	}
	return wire.Response{}
}

// output returns what a job has written, after its end if the request says so.
func (js *jobs) output(req wire.Request) wire.Response {
	j := js.get(req.Output)
	if j == nil {
		return wire.Response{Fail: fmt.Sprintf("output %d: not started by me", req.Output)}
	}
	if req.Wait {
		ctx, cancel := deadline(req.Timeout)
		defer cancel()
		select {
		case <-j.ended:
		case <-ctx.Done():
		}
	}
	var r wire.Response
	select {
	case <-j.ended:
		r.Code, r.Fail = j.code, j.fail
	default:
		r.Running = true
	}
	r.Out, r.Err = j.out.bytes(), j.err.bytes()
	return r
}
