package qemu

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// soakScripts are what happens to a router: drift, flaps, reloads, and the module
// taken away, which a reload loads again.
var soakScripts = []string{
	iproute2 + " link set wan mtu 1400", iproute2 + " address del 10.255.0.1/32 dev anchor", iproute2 + " link del guest0", iproute2 + " route flush proto 98",
	iproute2 + " link set lan1 down", iproute2 + " link set wan.7 down", iproute2 + " link set lan1 nomaster",
	"rmmod hellobye; " + bootlink + " reload", "rmmod hellobye; " + iproute2 + " link del br-lan; " + bootlink + " reload",
	bootlink + " reload", bootlink + " reload; " + bootlink + " status",
}

// soak has them happen to a `run`, a hundred times longer with -full: it brings the
// router back, and holds no more than it did.
func soak(t *testing.T, r *router) {
	length := 9 * time.Second
	if *full {
		length = 15 * time.Minute
	}
	p := r.runs(t)
	pid := strings.TrimSpace(r.run(t, "/bbin/cat", "/run/bootlink/bootlink.pid"))
	holds := func() (kib, threads, descriptors int) {
		_, rest, _ := strings.Cut(r.run(t, "/bbin/cat", "/proc/"+pid+"/status"), "\nVmRSS:")
		fmt.Sscan(rest, &kib)
		_, rest, _ = strings.Cut(rest, "\nThreads:")
		fmt.Sscan(rest, &threads)
		return kib, threads, len(strings.Fields(r.run(t, "/bbin/ls", "/proc/"+pid+"/fd")))
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	kib, threads, descriptors, times := 0, 0, 0, 0
	for part, begin := 0, time.Now(); part < 3; part++ { // the first one warms up
		for time.Since(begin) < length*time.Duration(part+1)/3 {
			r.try(t, "/bbin/gosh", "-c", soakScripts[random.IntN(len(soakScripts))])
			times++
		}
		until(t, "the router to be as the file says", func() bool {
			return r.try(t, bootlink, "reload").Code == 0 && r.try(t, bootlink, "status", "--check").Code == 0
		})
		a, b, c := holds()
		t.Logf("%d things happened: %d KiB, %d threads, %d descriptors", times, a, b, c)
		if part == 0 {
			kib, threads, descriptors = a, b, c
		}
		if kib == 0 || a > kib*5/4+2<<10 || b > threads+2 || c > descriptors {
			t.Errorf("at first it was %d KiB, %d threads, %d descriptors", kib, threads, descriptors)
		}
	}
	ping(t, r.lan, wanHost, 6)
	ends(t, p, 15)
}
