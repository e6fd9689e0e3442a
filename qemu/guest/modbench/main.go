package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// options say what one run is about.
type options struct {
	module                  bool
	text, hello, bye, nflog int // listeners
	snaplen                 uint
	packets, burst          int
	size                    int // bytes of a packet, from the IP header on
}

func main() {
	var o options
	flag.BoolVar(&o.module, "module", false, "have hellobye loaded")
	flag.IntVar(&o.text, "text", 0, "`clients` of hello that speak text")
	flag.IntVar(&o.hello, "hello", 0, "`clients` of hello that speak attributes")
	flag.IntVar(&o.bye, "bye", 0, "`clients` of bye that speak attributes")
	flag.IntVar(&o.nflog, "nflog", 0, "`listeners` of nfnetlink_log, each behind a rule of nf_tables")
	flag.UintVar(&o.snaplen, "snaplen", 128, "`bytes` of a packet that listeners ask for")
	flag.IntVar(&o.packets, "packets", 5120, "`number` of packets that are timed, after as many that are not")
	flag.IntVar(&o.burst, "burst", 64, "`packets` that come in before any listener runs")
	flag.IntVar(&o.size, "size", 84, "`bytes` of a packet, from the IP header on")
	flag.Parse()
	err := calmed()
	if err == nil {
		err = o.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "modbench:", err)
		os.Exit(1)
	}
}

// calm has Go's runtime collect no garbage, which would wait for ever for
// threads that block in raw system calls, and send itself no signals.
var calm = []string{"GOGC=off", "GODEBUG=asyncpreemptoff=1"}

// calmed starts the program again, once, with that environment.
func calmed() error {
	if slices.Contains(os.Environ(), calm[0]) {
		return nil
	}
	return unix.Exec("/proc/self/exe", os.Args, append(os.Environ(), calm...))
}

// run prints the nanoseconds that the packets took. Each reader keeps one of
// Go's processors to itself.
func (o *options) run() error {
	runtime.GOMAXPROCS(o.listeners() + 4)
	if err := o.prepareModule(); err != nil {
		return err
	}
	near, far, err := newPair()
	if err != nil {
		return err
	}
	var readers []*reader
	if err := far.do(func() (err error) { readers, err = o.listen(); return err }); err != nil {
		return err
	}
	var took time.Duration
	if err := near.do(func() (err error) { took, err = o.flood(readers); return err }); err != nil {
		return err
	}
	if err := far.do(func() error { return answered(2 * o.packets) }); err != nil {
		return err
	}
	_, err = fmt.Println(took.Nanoseconds())
	return err
}

func (o *options) listeners() int { return o.text + o.hello + o.bye + o.nflog }
