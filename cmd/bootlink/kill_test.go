package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

var faultPoints = flag.Int("points", 8, "system calls of each kind at which an apply is killed; a quarter of it are made to fail; 0: all")

// long is whole with more of what a router has, some 70 steps.
func long() string {
	var b strings.Builder
	b.WriteString(whole)
	for i := range 8 {
		fmt.Fprintf(&b, "[link.d%d]\nkind = \"bridge\"\naddresses = [\"10.%d.0.1/24\", \"fd00:%d::1/64\"]\nsysctl = { \"ipv4.rp_filter\" = 2 }\n", i, 50+i, 50+i)
		fmt.Fprintf(&b, "[[route]]\nto = \"172.16.%d.0/24\"\nvia = \"10.%d.0.9\"\n", i, 50+i)
		fmt.Fprintf(&b, "[[rule]]\npriority = %d\nfrom = \"10.%d.0.0/24\"\ntable = 254\n", 1000+i, 50+i)
		fmt.Fprintf(&b, "[[neighbour]]\ndev = \"d%d\"\nto = \"10.%d.0.9\"\nlladdr = \"02:00:00:00:01:%02x\"\n", i, 50+i, i)
	}
	return b.String()
}

// traced runs a command under strace. The runtime has one thread that works, so that
// the calls are counted together.
func (r *router) traced(command string, options ...string) outcome {
	r.t.Helper()
	args := append([]string{"-f", "-qq"}, options...)
	cmd := exec.CommandContext(r.t.Context(), "strace", append(append(args, shipped), r.args(command)...)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	return finish(r.t, cmd)
}

// count tells how often an apply makes each of some calls, and takes it back.
func (r *router) count(calls ...string) map[string]int {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), "trace")
	if o := r.traced("apply", "-o", file, "-e", "trace="+strings.Join(calls, ",")); o.code != exitDone {
		r.t.Fatal(o)
	}
	r.expect(r.rollback(), exitDone)
	return tally(r.t, file, calls)
}

// tally tells how often each of some calls stands in what strace has written.
func tally(t *testing.T, file string, calls []string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, call := range calls {
		times[call] = bytes.Count(text, []byte(" "+call+"("))
	}
	return times
}

// rollback undoes the last change, and has it forgotten that it was.
func (r *router) rollback() outcome {
	r.t.Helper()
	o := r.run("rollback")
	os.Remove(filepath.Join(r.lib, "refused")) // of a killed apply there is none
	return o
}

// points are so many of the numbers from 1 to n, or, of 0, all of them.
func points(n, most int) (list []int) {
	step := 1
	if most > 0 {
		step = max(n/most, 1)
	}
	for k := 1; k <= n; k += step {
		list = append(list, k)
	}
	return list
}

// Wherever an apply is killed, what comes next finds the kernel as it was, or goes on
// to what the file says.
func TestKilled(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, long())
	same := r.unchanged()
	writes := []string{"sendto", "sendmsg", "write", "fsync", "rename"}
	kills, told := 0, 0
	for call, n := range r.count(writes...) {
		for _, k := range points(n, *faultPoints) {
			o := r.traced("apply", "-o", "/dev/null", "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, k))
			if o.code != exitDone {
				kills++
				told += strings.Count(r.run("status").stdout, "killed   while "+r.config+" was applied: ")
			}
			if k%2 == 0 {
				if o := r.run("apply"); o.code != exitDone {
					t.Fatalf("killed at %s %d, then apply: %s", call, k, o)
				}
				if o := r.run("plan", "--exit-code"); o.code != exitDone {
					t.Fatalf("killed at %s %d, then apply, and there is more to do: %s", call, k, o)
				}
			}
			r.rollback() // there may be nothing to undo
			same()
			if o := r.run("status"); strings.Contains(o.stdout, "killed   ") {
				t.Error(o)
			}
			if t.Failed() {
				t.Fatalf("killed at %s %d", call, k)
			}
		}
	}
	if kills < 10 || told < kills/2 || told == kills {
		t.Errorf("it was killed %d times, and status told it %d times; the first kills have left nothing to tell", kills, told)
	}
}

// faults are what calls of an apply fail with: each thread of it, at its k-th call, so
// that what undoes the failure may meet another.
var faults = map[string][]string{
	"sendto":  {"ENOBUFS", "ENOMEM", "EINTR"},
	"sendmsg": {"ENOBUFS", "ENOMEM", "EINTR"},
	"recvmsg": {"ENOBUFS", "ENOMEM", "EINTR"},
	"openat":  {"ENOMEM", "EINTR"},
	"fsync":   {"EIO", "ENOSPC"},
	"rename":  {"EIO", "ENOSPC"},
}

// A call that fails leaves all of the change or nothing of it, the exit status says
// which, and the next apply gets through.
func TestFaults(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, long())
	before := r.Picture() + r.Sysctls()
	var calls []string
	for call := range faults {
		calls = append(calls, call)
	}
	for call, n := range r.count(calls...) {
		for i, k := range points(n, *faultPoints/4) {
			errno := faults[call][i%len(faults[call])]
			o := r.traced("apply", "-o", "/dev/null", "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:error=%s:when=%d", call, errno, k))
			now := r.Picture() + r.Sysctls()
			if o.code == exitIncomplete || o.code < 0 {
				t.Fatalf("%s %d: %s: %s", call, k, errno, o)
			}
			if diff := lab.Diff(before, now); o.code != exitDone && diff != "" {
				t.Fatalf("%s %d: %s: it is said to be undone: %s\n%s", call, k, errno, o, diff)
			}
			r.expect(r.run("apply"), exitDone)
			r.expect(r.run("plan", "--exit-code"), exitDone)
			r.expect(r.rollback(), exitDone)
			if diff := lab.Diff(before, r.Picture()+r.Sysctls()); diff != "" || t.Failed() {
				t.Fatalf("%s %d: %s: %s\nafter apply and rollback:\n%s", call, k, errno, o, diff)
			}
		}
	}
}
