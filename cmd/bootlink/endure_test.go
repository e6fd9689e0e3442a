package main

import (
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bootlink/rtcfg"
	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// floodRoutes is how many routes TestFlood adds and deletes.
var floodRoutes = flag.Int("flood", 100_000, "routes that come and go in TestFlood")

// proc reads a number of /proc/PID/status, in KiB where it is of memory.
func (d *daemon) proc(key string) (n int) {
	d.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.cmd.Process.Pid))
	if err != nil {
		d.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n"+key+":")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		d.t.Fatalf("%s: %v in %s", key, err, text)
	}
	return n
}

// cpu is the processor time that it has taken so far.
func (d *daemon) cpu() time.Duration {
	d.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.cmd.Process.Pid))
	if err != nil {
		d.t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')'):]))
	ticks := 0
	for _, word := range fields[12:14] { // utime and stime, proc_pid_stat(5)
		n, err := strconv.Atoi(word)
		if err != nil {
			d.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}

// descriptors is how many files it has open.
func (d *daemon) descriptors() int {
	d.t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", d.cmd.Process.Pid))
	if err != nil {
		d.t.Fatal(err)
	}
	return len(list)
}

// flood adds and deletes routes of another protocol.
func (r *router) flood(n int) error {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "route add 100.%d.%d.%d/32 dev lo proto 77 table 77\n", i>>16, i>>8&255, i&255)
	}
	b.WriteString(strings.ReplaceAll(b.String(), "add", "del"))
	return r.Batch(b.String())
}

// More events than the socket's queue holds: what was lost matters to nobody, and
// when they are over `run` is at rest, as small as before, and right.
func TestFlood(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := r.start()
	d.waitFor("is in force", 1)
	r.spoil("link set wan alias spoilt")
	d.waitFor("put right", 1)
	good, size := r.Picture(), d.proc("VmHWM")
	if err := r.flood(*floodRoutes / 2); err != nil {
		t.Fatal(err)
	}
	d.signal(unix.SIGSTOP) // however quick it is
	if err := r.flood(*floodRoutes / 2); err != nil {
		t.Fatal(err)
	}
	d.signal(unix.SIGCONT)
	r.spoil("link set wan mtu 1400")
	r.wantPicture(good, d)
	lab.Eventually(t, func() bool {
		begin := d.cpu()
		time.Sleep(time.Second)
		return d.cpu()-begin < 50*time.Millisecond
	}, func() string { return "to be at rest" })
	s := decode[rtcfg.Status](t, r.run("status", "--json").stdout)
	if s.Run == nil || s.Run.Overruns == 0 || !s.Good() {
		t.Errorf("status: %+v", s.Run)
	}
	if now := d.proc("VmHWM"); now > 2*size+16<<10 {
		t.Errorf("it grew from %d to %d KiB", size, now)
	}
	t.Logf("%d overruns, %d resyncs, %d events; %d KiB before, %d at most", s.Run.Overruns, s.Run.Resyncs, s.Run.Events, size, d.proc("VmHWM"))
}

// traffic is an exchange of datagrams between two namespaces, one a millisecond.
type traffic struct {
	sent, back atomic.Uint64
	stop, done chan struct{}
}

// exchange begins one: who sends waits at host, and a server at address answers.
func exchange(t *testing.T, host, server *lab.Namespace, address string) *traffic {
	t.Helper()
	var at *net.UDPConn
	var from net.Conn
	server.Do(func() (err error) {
		at, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address)))
		return err
	})
	host.Do(func() (err error) {
		from, err = net.Dial("udp", address)
		return err
	})
	t.Cleanup(func() { at.Close(); from.Close() })
	x := &traffic{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		buf := make([]byte, 8)
		for {
			n, peer, err := at.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			at.WriteToUDPAddrPort(buf[:n], peer)
		}
	}()
	go func() {
		defer close(x.done)
		buf := make([]byte, 8)
		for {
			if _, err := from.Read(buf); err != nil {
				return
			}
			x.back.Add(1)
		}
	}()
	go func() {
		buf := make([]byte, 8)
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-x.stop:
				tick.Stop()
				time.Sleep(time.Second) // what is still under way
				from.Close()
				return
			case <-tick.C:
				x.sent.Add(1)
				if _, err := from.Write(buf); err != nil {
					return
				}
			}
		}
	}()
	return x
}

// A reload that changes one link's address loses no packet on another link, and
// one without a change writes nothing.
func TestReloadUnderTraffic(t *testing.T) {
	t.Parallel()
	r, host := newRouter(t, devices, whole), lab.New(t)
	r.IP("link", "set", "cable1", "netns", host.Name)
	host.Lines("link set cable1 up\naddress add 203.0.113.1/30 dev cable1")
	d := r.start()
	d.waitFor(r.config+" is in force", 1)
	x := exchange(t, host, r.Namespace, "203.0.113.2:7")
	lab.Eventually(t, func() bool { return x.back.Load() > 0 }, func() string { return "an answer" })
	before := x.sent.Load() - x.back.Load()
	const reloads = 20
	for i := range reloads {
		r.write([]string{elsewhere, whole}[i%2])
		d.signal(unix.SIGHUP)
		d.waitFor(r.config+" is in force", 2+i)
	}
	sent := x.sent.Load()
	close(x.stop)
	<-x.done
	if lost := x.sent.Load() - x.back.Load(); lost > before || sent < 100 {
		t.Errorf("%d of %d datagrams were lost while the LAN had its address changed", lost-before, sent)
	}
	t.Logf("%d datagrams in %d reloads", sent, reloads)
	d.signal(unix.SIGHUP)
	d.waitFor(r.config+" is in force: 0 steps, 0 writes", 1)
}
