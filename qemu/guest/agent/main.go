package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"bootlink/qemu/guest/wire"

	"golang.org/x/sys/unix"
)

const serveFlag = "-serve"

// starter is the path in the image of what guest/start is the source of.
const starter = "/bbin/start"

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
		if err := background(); err != nil {
			log.Fatal(err)
		}
	}
}

type stdio struct {
	io.Reader
	io.Writer
}

// background becomes the image's program that starts us again, detached.
func background() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	err = unix.Exec(starter, []string{"start", self, serveFlag}, os.Environ())
	return fmt.Errorf("%s: %w", starter, err)
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
