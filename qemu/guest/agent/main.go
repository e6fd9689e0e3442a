package main

import (
	"errors"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"bootlink/qemu/guest/wire"

	"golang.org/x/sys/unix"
)

const serveFlag = "-serve"

func main() {
	log.SetFlags(0)
	log.SetPrefix("agent: ")
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "-stdio":
		serve(stdio{os.Stdin, os.Stdout}, newJobs())
	case serveFlag:
		servePort()
	default: // init passes the arguments of the uinit that comes after us
		if err := detach(); err != nil {
			log.Fatal(err)
		}
	}
}

type stdio struct {
	io.Reader
	io.Writer
}

// detach starts the agent in its own session, away from init's terminal, and
// does not wait for it.
func detach() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self, serveFlag)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return errors.Join(releaseTerminal(), cmd.Process.Release())
}

// releaseTerminal gives up the terminal that init made ours. If the leader of
// its session ended while having it, the kernel would hang it up, and with it
// what init has opened for the output of the commands to come.
func releaseTerminal() error {
	signal.Ignore(syscall.SIGHUP) // which is what giving it up sends us
	err := unix.IoctlSetInt(0, unix.TIOCNOTTY, 0)
	if err == unix.ENOTTY { // there is none
		return nil
	}
	return err
}

// servePort serves whoever opens the host's end of the port, one after another.
func servePort() {
	jobs := newJobs()
	path := waitPort(sysPorts, wire.PortName)
	for {
		port, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			log.Fatal(err)
		}
		serve(port, jobs)
		port.Close()
		time.Sleep(pollEvery) // nobody is there: the port reads as empty
	}
}
