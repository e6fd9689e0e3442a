package main

import (
	"io"
	"log"
	"os"
	"os/exec"
	"syscall"
	"time"

	"bootlink/qemu/guest/wire"
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
	cmd := exec.Command("/proc/self/exe", serveFlag)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
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
