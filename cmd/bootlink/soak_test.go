package main

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// soakTime is how long TestSoak goes on. Longer: .ci/soak run
var soakTime = flag.Duration("soak", 5*time.Second, "time that TestSoak takes")

// A footprint is what a process holds.
type footprint struct{ kib, threads, descriptors int }

func (d *daemon) footprint() footprint {
	d.t.Helper()
	return footprint{d.proc("VmRSS"), d.proc("Threads"), d.descriptors()}
}

// goroutines ends it, and counts those of ours: a Go program lists them when it gets
// SIGQUIT.
func (d *daemon) goroutines() (n int) {
	d.t.Helper()
	d.ends(unix.SIGQUIT)
	for _, stack := range strings.Split(d.log(), "\ngoroutine ")[1:] {
		if strings.Contains(stack, "\nbootlink/") || strings.Contains(stack, "\nmain.") {
			n++
		}
	}
	return n
}

// bother does one of the things that happen to a `run`, by chance.
func (r *router) bother(random *rand.Rand, d *daemon) {
	r.t.Helper()
	switch random.IntN(8) {
	case 0:
		r.write(strings.ReplaceAll(owned, "192.168.10.", "192.168.77."))
		r.run("reload") // which may meet what was spoilt in its middle
	case 1:
		r.write(owned + "faulty")
		r.expect(r.run("reload"), exitFailed)
		r.write(owned)
	case 2:
		d.signal(unix.SIGHUP)
	case 3:
		r.IP("link", "set", "cable0", "down")
		r.IP("link", "set", "cable1", "down")
		r.IP("link", "set", "cable0", "up")
		r.IP("link", "set", "cable1", "up")
	case 4:
		r.expect(r.run("status"), exitDone)
	case 5:
		listener := r.listen() // and goes away in the middle
		listener.ends(unix.SIGKILL)
	default:
		line := spoilers[random.IntN(len(spoilers))]
		r.Try(strings.Fields(line)...) // what was spoilt before may not be there again yet
	}
}

// settle has owned in force again.
func (r *router) settle(good string, d *daemon) {
	r.t.Helper()
	r.write(owned)
	lab.Eventually(r.t, func() bool { // what drifted all the time is put right by itself within a minute only
		return r.run("reload").code == exitDone && lab.Diff(good, r.Picture()) == ""
	}, func() string { return lab.Diff(good, r.Picture()) + d.log() })
}

// Whatever happens for however long, a `run` holds no more than it did.
func TestSoak(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices+"\nlink set cable0 up\nlink set cable1 up\n", owned)
	fresh := r.startOf(shipped)
	fresh.waitFor("is in force", 1)
	good := r.Picture()
	r.settle(good, fresh)
	goroutines := fresh.goroutines()

	d := r.startOf(shipped)
	d.waitFor("is in force", 1)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	end := time.Now().Add(*soakTime)
	var first footprint
	for part := range 5 { // after the first the garbage collector knows what it deals with
		n := 0
		for ; n < 20 || time.Until(end) > *soakTime*time.Duration(4-part)/5; n++ {
			r.bother(random, d)
		}
		r.settle(good, d)
		now := d.footprint()
		t.Logf("%d things happened: %+v", n, now)
		if part == 0 {
			first = now
		}
		if now.descriptors > first.descriptors || now.threads > first.threads+2 || now.kib > first.kib*5/4+4<<10 || t.Failed() {
			t.Fatalf("at first it was %+v, and now it is %+v\n%s", first, now, d.log())
		}
	}
	if n := d.goroutines(); goroutines == 0 || n > goroutines {
		t.Errorf("%d goroutines, of %d at the start:\n%s", n, goroutines, d.log())
	}
}
