package nlcore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ProbeOptions says how to probe. The zero value opens every bus that is not
// registered, here.
type ProbeOptions struct {
	// NetNS is the network namespace to look at, as in Options.
	NetNS string

	// NoOpen are the numbers that must not be opened, because that could load
	// another owner's module.
	NoOpen map[int]bool
}

// A BusState is what the kernel has of one bus.
type BusState struct {
	_ [0]func() // no equality: it would be code

	Bus     Bus
	Present bool
	Errno   unix.Errno // why not; 0 when present
	Reason  string     // the same in words, with the Kconfig symbol or module
	Mend    string     // what to do about it
}

// socketTable lists netlink sockets of the calling thread's network namespace.
// /proc/net is the thread group leader's and may be another one.
const socketTable = "/proc/thread-self/net/netlink"

// Probe tells which of the 32 buses the kernel has. A bus is present when the
// kernel has a socket of its own on it, or, as usersock, needs none. A number
// without one is opened, which loads its module if there is one, and looked
// up again; numbers in NoOpen are only looked up. The error says that the
// namespace or the table in /proc cannot be read.
func Probe(o ProbeOptions) ([]BusState, error) {
	var states []BusState
	err := InNamespace(o.NetNS, func() (err error) {
		states, err = probe(o.NoOpen, open)
		return err
	})
	return states, err
}

// probe looks from the calling thread's namespace; open tries a bus.
func probe(noOpen map[int]bool, open func(bus int) error) ([]BusState, error) {
	have, err := kernelSockets()
	if err != nil {
		return nil, err
	}
	opened := map[int]error{}
	for n := range busCount {
		if !have[n] && !noOpen[n] {
			opened[n] = open(n)
		}
	}
	if have, err = kernelSockets(); err != nil {
		return nil, err
	}
	states := make([]BusState, 0, busCount)
	for _, b := range Buses() {
		err, tried := opened[b.Number]
		states = append(states, judge(b, have[b.Number], tried, err))
	}
	return states, nil
}

// judge puts together what the table and the opening of a bus gave.
func judge(b Bus, have, tried bool, err error) BusState {
	s := BusState{Bus: b, Present: have || b.Number == unix.NETLINK_USERSOCK && tried && err == nil}
	switch {
	case s.Present:
		return s
	case !tried:
		s.Errno = unix.EPROTONOSUPPORT
	case err == nil:
		s.Errno = unix.ECONNREFUSED
	case !errors.As(err, &s.Errno):
		s.Reason = err.Error()
		return s
	}
	s.Reason, s.Mend = explain(b, s.Errno)
	if s.Reason == "" {
		s.Reason = s.Errno.Error()
	}
	return s
}

// open opens a bus and closes it again.
func open(bus int) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, bus)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// kernelSockets gives the buses on which the kernel itself has a socket: in
// the table its port ID is 0.
func kernelSockets() (map[int]bool, error) {
	f, err := os.Open(socketTable)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text []byte
	for buf := make([]byte, 4096); err != io.EOF; {
		var n int
		if n, err = f.Read(buf); err != nil && err != io.EOF {
			return nil, err
		}
		text = append(text, buf[:n]...)
	}
	have := map[int]bool{}
	_, rest, _ := strings.Cut(string(text), "\n") // below the heading
	for line := ""; rest != ""; {
		line, rest, _ = strings.Cut(rest, "\n")
		bus, port, err := socketRow(line)
		if err != nil {
			return nil, err
		}
		if port == 0 {
			have[bus] = true
		}
	}
	return have, nil
}

// socketRow reads "sk Eth Pid …", where Eth is the bus.
func socketRow(line string) (bus int, port int64, err error) {
	fields := strings.Fields(line)
	if len(fields) < 3 {
		return 0, 0, fmt.Errorf("%s: line %q: %w", socketTable, line, unix.EBADMSG)
	}
	bus, err = strconv.Atoi(fields[1])
	if err == nil {
		port, err = strconv.ParseInt(fields[2], 10, 64)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%s: line %q: %w", socketTable, line, err)
	}
	return bus, port, nil
}
