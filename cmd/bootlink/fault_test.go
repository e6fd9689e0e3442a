package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// startTraced runs `run` under strace until the test ends; its output is the daemon's.
func (r *router) startTraced(options ...string) *daemon {
	r.t.Helper()
	args := append([]string{"-f", "-qq", "-o", "/dev/null"}, options...)
	d := &daemon{t: r.t, cmd: exec.Command("strace", append(append(args, shipped), r.args("run")...)...), done: make(chan struct{})}
	d.cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	pipe, err := d.cmd.StderrPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	d.begin(pipe)
	return d
}

// over tells whether it has ended.
func (d *daemon) over() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// session is what `run` does in TestRunFaults: it starts, and puts two things right.
func (r *router) session(d *daemon, good string) (whole bool) {
	for _, line := range []string{"", "link set wan mtu 1400", "address del 192.168.10.1/24 dev br-lan"} {
		if line != "" {
			r.Try(strings.Fields(line)...) // it may be gone already, with a run that failed
		}
		looks := 0 // one may fall between an apply and its undo
		for end := time.Now().Add(20 * time.Second); looks < 2; time.Sleep(20 * time.Millisecond) {
			if lab.Diff(good, r.Picture()+r.Sysctls()) == "" && strings.Contains(d.log(), "is in force") {
				looks++
				continue
			}
			looks = 0
			if d.over() {
				return false
			}
			if time.Now().After(end) {
				r.t.Fatalf("it hangs:\n%s\n%s", lab.Diff(good, r.Picture()+r.Sysctls()), d.log())
			}
		}
	}
	return true
}

// runFaults are what calls of `run` fail with. A signal is what ends it there.
var runFaults = map[string][]string{
	"sendto":  {"error=ENOBUFS", "error=ENOMEM", "signal=KILL"},
	"sendmsg": {"error=ENOBUFS", "error=ENOMEM", "signal=KILL"},
	"recvmsg": {"error=ENOBUFS", "error=ENOMEM", "error=EINTR"},
	"openat":  {"error=ENOMEM", "error=EIO", "error=EINTR"},
	"fsync":   {"error=EIO", "error=ENOSPC", "signal=KILL"},
	"rename":  {"error=EIO", "error=ENOSPC", "signal=KILL"},
	"write":   {"signal=KILL"},
}

// A `run` of which a call fails, or that is killed there, brings the file in force by
// itself, or ends and the next one does. It never hangs.
func TestRunFaults(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, whole)
	before := r.unchanged()
	r.apply()
	good := r.Picture() + r.Sysctls()
	var calls []string
	for call := range runFaults {
		calls = append(calls, call)
	}
	ended := 0
	for call, n := range r.countRun(good, calls) {
		for i, k := range points(n, *faultPoints/4) {
			fault := runFaults[call][i%len(runFaults[call])]
			r.reset()
			before()
			d := r.startTraced("-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", call, fault, k))
			if !r.session(d, good) {
				ended++
				again := r.start()
				if !r.session(again, good) {
					t.Fatalf("%s %d: %s: it ended: %s\nand so did the next:\n%s", call, k, fault, d.log(), again.log())
				}
				again.ends(unix.SIGTERM)
			}
			if !d.over() {
				d.stop()
			}
			r.expect(r.run("plan", "--exit-code"), exitDone)
			if t.Failed() {
				t.Fatalf("%s %d: %s\n%s", call, k, fault, d.log())
			}
		}
	}
	if ended == 0 {
		t.Error("no fault has ended it, no kill either")
	}
}

// stop ends the program that strace traces, and so strace.
func (d *daemon) stop() {
	d.t.Helper()
	pid := d.cmd.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, word := range strings.Fields(string(text)) {
		if child, err := strconv.Atoi(word); err == nil {
			unix.Kill(child, unix.SIGTERM)
		}
	}
	<-d.done
}

// reset undoes all that was applied, and forgets it.
func (r *router) reset() {
	r.t.Helper()
	text, err := os.ReadFile(r.config)
	if err != nil {
		r.t.Fatal(err)
	}
	r.write(empty)
	r.expect(r.run("apply"), exitDone)
	r.write(string(text))
	for _, dir := range []string{r.lib, r.runDir} {
		if err := os.RemoveAll(dir); err != nil {
			r.t.Fatal(err)
		}
	}
}

// countRun tells how often a session makes each of some calls.
func (r *router) countRun(good string, calls []string) map[string]int {
	r.t.Helper()
	r.reset()
	file := filepath.Join(r.t.TempDir(), "trace")
	d := r.startTraced("-o", file, "-e", "trace="+strings.Join(calls, ","))
	if !r.session(d, good) {
		r.t.Fatalf("without a fault:\n%s", d.log())
	}
	d.stop()
	return tally(r.t, file, calls)
}

// A confirm of which a call fails has kept the change, or the change still waits and
// can be confirmed; a rollback has undone it, or can be repeated.
func TestDecisionFaults(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, whole)
	before := r.Picture() + r.Sysctls()
	r.apply()
	good := r.Picture() + r.Sysctls()
	r.write(elsewhere)
	r.apply()
	changed := r.Picture() + r.Sysctls()
	step := 4
	if *faultPoints == 0 {
		step = 1
	}
	for _, decision := range []struct{ command, left string }{{"confirm", changed}, {"rollback", good}} {
		for call, errnos := range faults {
			for k := 1; ; k += step {
				r.write(whole)
				r.apply("--confirm", "0s")
				r.write(elsewhere)
				r.expect(r.run("apply", "--confirm", "600s"), exitDone)
				fault := fmt.Sprintf("inject=%s:error=%s:when=%d", call, errnos[k/step%len(errnos)], k)
				file := filepath.Join(t.TempDir(), "trace")
				o := r.traced(decision.command, "-o", file, "-e", "trace="+call, "-e", fault)
				if o.code != exitDone {
					r.expect(r.run(decision.command), exitDone)
				}
				if diff := lab.Diff(decision.left, r.Picture()+r.Sysctls()); diff != "" {
					t.Fatalf("%s, %s: %s\n%s", decision.command, fault, o, diff)
				}
				if _, err := os.Stat(filepath.Join(r.runDir, "undo.pending")); err == nil || t.Failed() {
					t.Fatalf("%s, %s: the change still waits: %s", decision.command, fault, o)
				}
				trace, err := os.ReadFile(file)
				if err != nil || !bytes.Contains(trace, []byte("(INJECTED)")) {
					break // it makes no more of these calls
				}
			}
		}
	}
	r.write(empty)
	r.apply("--confirm", "0s")
	if diff := lab.Diff(before, r.Picture()+r.Sysctls()); diff != "" {
		t.Error(diff)
	}
}
