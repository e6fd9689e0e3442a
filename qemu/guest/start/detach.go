package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// detach starts a command in a session of its own, without a terminal and
// without input, with our output. It does not wait for it. Then it gives up our
// terminal.
func detach(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, releaseTerminal())
	}
	return errors.Join(releaseTerminal(), cmd.Process.Release())
}

// releaseTerminal lets go of standard input if it is our terminal.
func releaseTerminal() error {
	signal.Ignore(unix.SIGHUP) // which is what letting go sends us
	err := unix.IoctlSetInt(0, unix.TIOCNOTTY, 0)
	if err != nil && err != unix.ENOTTY { // it was none of ours
		return fmt.Errorf("release terminal: %w", err)
	}
	return nil
}
