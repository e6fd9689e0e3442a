package main

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"bootlink/rtcfg/caps"
	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// daemon is a running `bootlink run`.
type daemon struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended

	mu   sync.Mutex
	said strings.Builder
}

// start runs it until the test ends.
func (r *router) start() *daemon { return r.startOf(binary) }

// startOf runs another build of the program.
func (r *router) startOf(binary string) *daemon {
	r.t.Helper()
	d := &daemon{t: r.t, cmd: exec.Command(binary, r.args("run")...), done: make(chan struct{})}
	pipe, err := d.cmd.StderrPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	d.begin(pipe)
	return d
}

// listen runs `bootlink events`, which ends with the daemon.
func (r *router) listen() *daemon {
	r.t.Helper()
	d := &daemon{t: r.t, cmd: exec.Command(binary, r.args("events")...), done: make(chan struct{})}
	pipe, err := d.cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	d.begin(pipe)
	return d
}

// begin starts it and hears what it says.
func (d *daemon) begin(pipe io.Reader) {
	d.t.Helper()
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go d.listen(pipe)
	d.t.Cleanup(func() {
		d.cmd.Process.Kill()
		<-d.done
	})
}

func (d *daemon) listen(pipe io.Reader) {
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		d.mu.Lock()
		d.said.WriteString(lines.Text() + "\n")
		d.mu.Unlock()
	}
	d.cmd.Wait()
	close(d.done)
}

func (d *daemon) log() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.said.String()
}

// waitFor waits until it has said something n times.
func (d *daemon) waitFor(words string, n int) {
	d.t.Helper()
	lab.Eventually(d.t, func() bool { return strings.Count(d.log(), words) >= n },
		func() string { return "run has not said " + words + " but:\n" + d.log() })
}

func (d *daemon) signal(s unix.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
}

// ends sends a signal and gives the exit status.
func (d *daemon) ends(s unix.Signal) int {
	d.t.Helper()
	d.signal(s)
	<-d.done
	return d.cmd.ProcessState.ExitCode()
}

func TestRun(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := r.start()
	d.waitFor(r.config+" is in force", 1)
	if !strings.Contains(d.log(), "BUS  NAME") || strings.Count(d.log(), " present ")+strings.Count(d.log(), " missing ") < 32 {
		t.Errorf("run does not begin with the table of the 32 buses:\n%s", d.log())
	}
	wantShown(t, r)

	r.write(strings.ReplaceAll(whole, "mtu       = 1450", "mtu       = 1460"))
	d.signal(unix.SIGHUP)
	d.waitFor(r.config+" is in force", 2)
	if mtu := r.Link("wan")["mtu"]; mtu != 1460.0 {
		t.Errorf("after SIGHUP the MTU is %v; want 1460", mtu)
	}
	if !strings.Contains(d.log(), "is in force: 1 steps, 1 writes") {
		t.Errorf("one new MTU is not one write:\n%s", d.log())
	}

	r.write(strings.ReplaceAll(whole, "mtu ", "mut "))
	same := r.unchanged()
	d.signal(unix.SIGHUP)
	d.waitFor("the configuration in force stays: "+r.config, 1)
	if !strings.Contains(d.log(), `unknown key "mut"`) {
		t.Errorf("run does not say what is wrong with the file:\n%s", d.log())
	}
	same()

	r.write(whole + "\n[[route]]\nto = \"10.2.0.0/16\"\nvia = \"172.16.0.1\"\n")
	d.signal(unix.SIGHUP)
	d.waitFor("the configuration in force stays: ", 2)
	d.waitFor(`kernel: "Nexthop has invalid gateway"`, 1)
	same()

	if code := d.ends(unix.SIGTERM); code != exitDone {
		t.Errorf("SIGTERM ends run with %d; want 0", code)
	}
	if !strings.Contains(d.log(), "ends; the network stays as it is") {
		t.Errorf("run ends without a word:\n%s", d.log())
	}
	same()
}

// What is said is bounded.
func TestLogLevel(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := &daemon{t: t, cmd: exec.Command(shipped, r.args("run", "--log-level", "warning")...), done: make(chan struct{})}
	pipe, err := d.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.begin(pipe)
	lab.Eventually(t, func() bool { return r.run("reload").code == exitDone }, d.log)
	if d.log() != "" {
		t.Errorf("it says: %s", d.log())
	}
	r.write(strings.ReplaceAll(whole, "mtu ", "mut "))
	d.signal(unix.SIGHUP)
	d.waitFor("the configuration in force stays: ", 1)
	r.expect(r.run("run", "--log-level", "loud"), exitUsage, "--log-level loud: write warning, info or debug")
}

func TestRunEndsOnInterrupt(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := r.start()
	d.waitFor("is in force", 1)
	same := r.unchanged()
	if code := d.ends(unix.SIGINT); code != exitDone {
		t.Errorf("SIGINT ends run with %d; want 0", code)
	}
	same()
}

// A bus that is required and missing ends it before anything is changed, one
// that is only wanted is told.
func TestRunWithoutBus(t *testing.T) {
	for _, b := range decode[caps.Report](t, bootlink(t, "probe", "--json").stdout).Buses {
		if b.Name == "nflog" && b.Present { // gone from kernels since 3.17
			t.Fatal("this kernel has nflog: the test wants a bus that is missing")
		}
	}
	r := newRouter(t, devices, strings.Replace(whole, "[sysctl]", "[probe]\nrequire = [\"route\", \"nflog\"]\n\n[sysctl]", 1))
	same := r.unchanged()
	r.expect(r.run("run"), exitLacks, "FILE:5:21: netlink bus 5 (nflog) is required and missing: ", "CONFIG_")
	same()

	r.write(strings.Replace(whole, "[sysctl]", "[probe]\nrequire = [\"route\"]\nwant = [\"nflog\"]\n\n[sysctl]", 1))
	d := r.start()
	d.waitFor("is in force", 1)
	if want := r.config + ":6:9: netlink bus 5 (nflog) is wanted and missing, going on without: "; !strings.Contains(d.log(), want) {
		t.Errorf("run does not say %q:\n%s", want, d.log())
	}
	wantShown(t, r)
	if code := d.ends(unix.SIGTERM); code != exitDone {
		t.Errorf("run ends with %d; want 0", code)
	}
}

// [hello] without the module is told and not fatal, unless its bus is required.
func TestRunWithoutModule(t *testing.T) {
	r := newRouter(t, devices, whole+"\n[hello]\nmodule = \"hellobye-that-is-not\"\n")
	d := r.start()
	d.waitFor("is in force", 1)
	if !strings.Contains(d.log(), "[hello]: ") || !strings.Contains(d.log(), "hellobye-that-is-not") {
		t.Errorf("run does not say that the module is missing:\n%s", d.log())
	}
	d.ends(unix.SIGTERM)
	r.write(whole + "\n[hello]\n[probe]\nrequire = [\"hello\"]\n")
	r.expect(r.run("run"), exitLacks, "netlink bus 19 (hello) is required and missing")
}

// What the kernel lacks is left out by run, which says so once and at its end; apply
// and plan refuse. A setting is what any kernel can lack.
func TestRunLeavesOut(t *testing.T) {
	r := newRouter(t, devices, strings.Replace(whole, "[sysctl]", "[sysctl]\n\"net.ipv4.nonesuch\" = 1", 1))
	same := r.unchanged()
	lack := "sysctl net/ipv4/nonesuch: no such setting below /proc/sys: check the spelling, or enable the part of the kernel that it belongs to"
	r.expect(r.run("plan"), exitLacks, lack)
	r.expect(r.run("apply"), exitLacks, lack)
	same()
	d := r.start()
	d.waitFor("is in force", 1)
	d.waitFor("sysctl net/ipv4/nonesuch waits for another kernel: check the spelling", 1)
	wantShown(t, r)
	if out := r.run("status"); !strings.Contains(out.stdout, "in force but incomplete, 1 things wait, 1 for another kernel") {
		t.Errorf("%s", out)
	}
	r.expect(r.run("apply"), exitLacks, lack)
	if code := d.ends(unix.SIGTERM); code != exitLacks {
		t.Errorf("run ends with %d; want %d", code, exitLacks)
	}
	if n := strings.Count(d.log(), "nonesuch"); n != 1 || !strings.Contains(d.log(), "ended; the kernel lacks things") {
		t.Errorf("run tells it %d times:\n%s", n, d.log())
	}
}

// A device that appears later is configured then.
func TestRunAwaits(t *testing.T) {
	r := newRouter(t, devices, whole+"\n[link.late0]\nmatch = { mac = \"02:00:00:00:00:77\" }\naddresses = [\"10.77.0.1/24\"]\n")
	d := r.start()
	d.waitFor(": link late0 waits for a device with mac 02:00:00:00:00:77", 1)
	d.waitFor("is in force", 1)
	wantShown(t, r)
	r.Lines("link add usb0 address 02:00:00:00:00:77 type veth peer name cable77")
	d.waitFor("put right: create address 10.77.0.1/24 dev late0", 1)
	if out := r.IP("-br", "address", "show", "dev", "late0"); !strings.Contains(out, "10.77.0.1/24") {
		t.Errorf("the late device: %q", out)
	}
}
