package main

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"syscall"
	"time"

	"bootlink/qemu/guest/wire"
)

// pipeWait is how long after a command's end the output of its children, who
// still have its pipes, is waited for.
const pipeWait = time.Second

// command prepares argv in a process group of its own, so that what it starts
// can be signalled with it.
func command(ctx context.Context, argv []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = pipeWait
	return cmd
}

// deadline returns a context that ends after a request's timeout.
func deadline(seconds float64) (context.Context, context.CancelFunc) {
	if seconds <= 0 {
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), time.Duration(seconds*float64(time.Second)))
}

// run runs a command to its end.
func run(req wire.Request) wire.Response {
	ctx, cancel := deadline(req.Timeout)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := command(ctx, req.Argv)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(req.In), &out, &errs
	code, fail := exitCode(ctx, cmd.Run())
	return wire.Response{Code: code, Fail: fail, Out: out.Bytes(), Err: errs.Bytes()}
}

// exitCode turns what Wait returned into a code as a shell has it; fail is the
// reason when the command never ran.
func exitCode(ctx context.Context, err error) (code int, fail string) {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // a child of it still has the pipes
		return 0, ""
	case ctx.Err() == context.DeadlineExceeded:
		return wire.TimedOut, ""
	case errors.As(err, &exit):
		status := exit.Sys().(syscall.WaitStatus)
		if status.Signaled() {
			return 128 + int(status.Signal()), ""
		}
		return status.ExitStatus(), ""
	default:
		return -1, err.Error()
	}
}
