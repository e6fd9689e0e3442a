package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg"
	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// elsewhere is whole with the LAN in another subnet.
var elsewhere = strings.ReplaceAll(whole, "192.168.10.", "192.168.77.")

// wantFile compares a file of the state folder; want "": there is none.
func (r *router) wantFile(name, want string) {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.lib, name))
	if (err != nil) != (want == "") || !strings.Contains(string(text), want) {
		r.t.Errorf("%s is %q, %v; want %q", name, text, err, want)
	}
}

// wantPicture waits for the kernel to be as in a picture.
func (r *router) wantPicture(want string, d *daemon) {
	r.t.Helper()
	lab.Eventually(r.t, func() bool { return lab.Diff(want, r.Picture()) == "" }, func() string { return lab.Diff(want, r.Picture()) + d.log() })
}

// What nobody has confirmed is not taken again unless somebody looks.
func TestRefused(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, whole)
	r.apply()
	good := r.Picture()
	r.wantFile("last-good.toml", "192.168.10.1/24")

	r.write(elsewhere)
	for range 2 { // a confirm is what it takes, not a second try
		r.expect(r.run("apply", "--confirm", "1s"), exitDone)
		r.wantFile("refused", "nobody has confirmed it")
		lab.Eventually(t, func() bool { return lab.Diff(good, r.Picture()) == "" }, func() string { return "the change to be undone" })
		r.wantFile("refused", "nobody confirmed in time")
		if o := r.run("status"); !strings.Contains(o.stdout, "refused  "+r.config+" is not taken: nobody confirmed in time") {
			t.Error(o)
		}
		r.expect(r.run("apply"), exitFailed, "FILE is not taken: nobody confirmed in time: change it, or try it again with bootlink apply --confirm 60s")
	}
	r.wantFile("last-good.toml", "192.168.10.1/24")

	r.expect(r.run("apply", "--confirm", "60s"), exitDone)
	r.expect(r.run("confirm"), exitDone)
	r.wantFile("refused", "")
	r.wantFile("last-good.toml", "192.168.77.1/24")
	r.wantFile("good-before.toml", "192.168.10.1/24")
	if again := r.apply(); again.Writes != 0 {
		t.Errorf("after the confirm: %+v", again)
	}

	r.write(strings.ReplaceAll(elsewhere, "mtu       = 1450", "mtu       = 1460")) // what differs is another configuration
	r.apply()
	r.expect(r.run("rollback"), exitDone)
	r.expect(r.run("apply"), exitFailed, "FILE is not taken: rolled back: ")
	r.expect(r.run("apply", "--confirm", "0s"), exitDone)
	r.wantFile("refused", "")
}

// An apply that fails has confirmed or refused nothing.
func TestRefusedKeeps(t *testing.T) {
	r := newRouter(t, devices, whole)
	r.apply()
	r.write(elsewhere)
	r.apply()
	r.expect(r.run("rollback"), exitDone)
	r.wantFile("refused", "rolled back")
	r.write(whole + "\n[[route]]\nto = \"10.2.0.0/16\"\nvia = \"172.16.0.1\"\n")
	r.expect(r.run("apply", "--confirm", "60s"), exitFailed, "Nexthop has invalid gateway")
	r.wantFile("refused", "rolled back")
	r.write(elsewhere)
	r.expect(r.run("apply"), exitFailed, "FILE is not taken: rolled back: ")
}

// Who is cut off switches the router off and on: it comes back with what was good.
func TestBootBeforeConfirm(t *testing.T) {
	r := newRouter(t, devices, whole)
	r.apply()
	good := r.Picture()
	r.write(elsewhere)
	r.expect(r.run("apply", "--confirm", "60s"), exitDone)

	boot := newRouter(t, devices, elsewhere)
	boot.lib = r.lib
	d := boot.start()
	d.waitFor("IN FORCE IS the last good configuration, ", 1)
	d.waitFor(boot.config+" is not taken: nobody has confirmed it", 1)
	boot.wantPicture(good, d)
	lab.Eventually(t, func() bool { return boot.run("status", "--check").code == exitFailed }, d.log)
	boot.expect(boot.run("reload"), exitFailed, "is not taken: nobody has confirmed it")
	boot.expect(boot.run("apply", "--confirm", "60s"), exitDone)
	boot.expect(boot.run("confirm"), exitDone)
	boot.spoil("link set wan alias spoilt")
	d.waitFor("was applied by another process and is in force", 1)
	lab.Eventually(t, func() bool { return boot.run("status", "--check").code == exitDone }, func() string { return boot.run("status").String() })
}

// Where there is nothing else, an unconfirmed network is better than none.
func TestBootWithNothingElse(t *testing.T) {
	r := newRouter(t, devices, whole)
	r.expect(r.run("apply", "--confirm", "60s"), exitDone)
	boot := newRouter(t, devices, whole)
	boot.lib = r.lib
	d := boot.start()
	d.waitFor("is in force: ", 1)
	d.waitFor("is not taken: nobody has confirmed it", 1)
	wantShown(t, boot)
}

// rolledBack starts `run`, has another configuration taken and something put right, and
// rolls back. good is how the kernel was before.
func (r *router) rolledBack() (d *daemon, good string) {
	r.t.Helper()
	d = r.start()
	d.waitFor("is in force", 1)
	good = r.Picture()
	r.write(elsewhere)
	d.signal(unix.SIGHUP)
	d.waitFor(r.config+" is in force", 2)
	r.spoil("link set wan alias spoilt")
	d.waitFor("put right: set link wan alias", 1)
	r.expect(r.run("rollback"), exitDone)
	return d, good
}

// A rollback beside a running `run` is not put right again, and what `run` has put
// right meanwhile is not what is rolled back.
func TestRollbackBesideRun(t *testing.T) {
	r := newRouter(t, devices, whole)
	d, good := r.rolledBack()
	d.waitFor("IN FORCE IS the good configuration before that, ", 1)
	r.wantPicture(good, d)
	r.spoil("link set wan alias spoilt")
	r.wantPicture(good, d)
	s := decode[rtcfg.Status](t, r.run("status", "--json").stdout)
	if s.Run == nil || !s.Run.Fallback || !strings.Contains(s.Run.InForce, "rolled back") {
		t.Errorf("status: %+v", s.Run)
	}
}

// Without a folder that outlives the boot the network stays as the rollback left it.
func TestRollbackWithoutStateDir(t *testing.T) {
	r := newRouter(t, devices, whole)
	r.lib = ""
	d, good := r.rolledBack()
	d.waitFor("is not taken: rolled back", 1)
	r.wantPicture(good, d)
	if n := strings.Count(d.log(), "put right"); n > 1 {
		t.Errorf("put right %d times:\n%s", n, d.log())
	}
}
