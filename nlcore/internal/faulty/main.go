// Command faulty works on links through nlcore while a tracer makes its system
// calls fail, and compares what it is told with what /proc shows. It prints a
// line for each thing that it does, and exits with 1 when an answer was wrong,
// an error was neither the injected one nor true, or nothing came for too long.
//
// Usage: faulty ERRNO, in a network namespace of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

func main() {
	runtime.LockOSThread() // the tracer counts the calls of each thread
	errno, err := strconv.Atoi(os.Args[1])
	if err == nil {
		err = work(unix.Errno(errno))
	}
	if err != nil {
		fmt.Println("wrong:", err)
		os.Exit(1)
	}
}

// A job is the work and what may go wrong in it.
type job struct {
	injected unix.Errno
	ctx      context.Context
	c        *nlcore.Conn
	events   *nlcore.Subscription
}

func work(injected unix.Errno) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := nlcore.Dial(unix.NETLINK_ROUTE, nlcore.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	events, err := nlcore.Subscribe(unix.NETLINK_ROUTE, []uint32{unix.RTNLGRP_LINK}, nlcore.Options{Burst: 2})
	if err != nil {
		return err
	}
	defer events.Close()
	j := &job{injected, ctx, c, events}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"create br0", j.create},
		{"create br1 with echo", j.echo},
		{"create br2 and br3", j.batch},
		{"get br0", j.get},
		{"list", j.list},
		{"events", j.follow},
		{"delete br1", j.remove},
		{"list again", j.list},
		{"ping", j.ping},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// links gives the names of the links that there are, sorted.
func links() []string {
	text, err := os.ReadFile("/proc/thread-self/net/dev")
	if err != nil {
		panic(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		if name, _, ok := strings.Cut(line, ":"); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	slices.Sort(names)
	return names
}

func there(name string) bool { return slices.Contains(links(), name) }

// allowed tells whether err may be: the injected errno, or a refusal that is
// true.
func (j *job) allowed(err error, truth bool) error {
	fmt.Println(err)
	var refusal *nlcore.Error
	if errors.As(err, &refusal) && truth || !errors.As(err, &refusal) && errors.Is(err, j.injected) {
		return nil
	}
	return fmt.Errorf("error that cannot be: %w", err)
}

// request is about a link by its name.
func request(typ, flags uint16, name, kind string) nlcore.Request {
	w := nlcore.NewAttrWriter(make([]byte, unix.SizeofIfInfomsg))
	w.String(unix.IFLA_IFNAME, name)
	if kind != "" {
		w.Nest(unix.IFLA_LINKINFO, func() { w.String(unix.IFLA_INFO_KIND, kind) })
	}
	return nlcore.Request{Type: typ, Flags: flags, Body: w.Bytes(), Header: unix.SizeofIfInfomsg, Label: "link " + name}
}

func newBridge(name string) nlcore.Request {
	return request(unix.RTM_NEWLINK, unix.NLM_F_CREATE|unix.NLM_F_EXCL, name, "bridge")
}

// name is that of a link message.
func name(m nlcore.Message) string {
	for a, err := range nlcore.Attrs(m.Body[unix.SizeofIfInfomsg:]) {
		if err == nil && a.Type == unix.IFLA_IFNAME {
			return a.String()
		}
	}
	return ""
}

// made judges the creation of links: without an error they must be there.
func (j *job) made(err error, names ...string) error {
	if err != nil {
		return j.allowed(err, false)
	}
	for _, n := range names {
		if !there(n) {
			return fmt.Errorf("%s is not there", n)
		}
	}
	return nil
}

func (j *job) create() error { return j.made(j.c.Do(j.ctx, newBridge("br0")), "br0") }

func (j *job) echo() error {
	echoes, err := j.c.DoEcho(j.ctx, newBridge("br1"))
	if err == nil && (len(echoes) != 1 || name(echoes[0]) != "br1") {
		return fmt.Errorf("echoes %v", echoes)
	}
	return j.made(err, "br1")
}

func (j *job) batch() error {
	err := j.c.Batch(j.ctx, []nlcore.Request{newBridge("br2"), newBridge("br3")})
	return j.made(err, "br2", "br3")
}

func (j *job) get() error {
	m, err := j.c.Get(j.ctx, request(unix.RTM_GETLINK, 0, "br0", ""))
	if err != nil {
		return j.allowed(err, !there("br0"))
	}
	if name(m) != "br0" || !there("br0") {
		return fmt.Errorf("got %q", name(m))
	}
	return nil
}

func (j *job) list() error {
	var names []string
	err := j.c.Select(j.ctx, unix.RTM_GETLINK, nlcore.Selection{}, func(m nlcore.Message) error {
		names = append(names, name(m))
		return nil
	}, func() { names = nil })
	if err != nil {
		return j.allowed(err, false)
	}
	slices.Sort(names)
	if !slices.Equal(names, links()) {
		return fmt.Errorf("%q, but there are %q", names, links())
	}
	return nil
}

// follow takes events until it was told of every bridge, or of a loss.
func (j *job) follow() error {
	missing := slices.DeleteFunc(links(), func(n string) bool { return n == "lo" })
	for tries := 0; len(missing) > 0; {
		e, err := j.events.Next(j.ctx)
		switch {
		case err != nil:
			if err := j.allowed(err, false); err != nil {
				return err
			}
			if tries++; tries == 3 { // it fails for ever
				return nil
			}
		case e.Resync:
			return nil
		default:
			missing = slices.DeleteFunc(missing, func(n string) bool { return n == name(e.Message) })
		}
	}
	return nil
}

func (j *job) remove() error {
	was := there("br1")
	err := j.c.Do(j.ctx, request(unix.RTM_DELLINK, 0, "br1", ""))
	if err == nil && there("br1") {
		return errors.New("br1 is still there")
	}
	if err != nil {
		return j.allowed(err, !was)
	}
	return nil
}

func (j *job) ping() error {
	if _, err := j.c.Ping(j.ctx); err != nil {
		return j.allowed(err, false)
	}
	return nil
}
