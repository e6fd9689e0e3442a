package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// A plan that was saved is carried out as long as it is the plan.
func TestSavedPlan(t *testing.T) {
	r := newRouter(t, devices, whole)
	file := filepath.Join(t.TempDir(), "plan")
	before := r.Picture()
	shown := r.run("plan")
	if o := r.run("plan", "--save", file); o.code != exitDone || o.stdout != shown.stdout {
		t.Fatal(o)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(shown.stdout, strings.SplitN(string(text), "\n", 3)[1]) {
		t.Fatalf("%s, %v", text, err)
	}

	r.IP("link", "set", "eth1", "mtu", "1444") // 1400 is what an undo would bring back
	r.expect(r.run("apply", file), exitFailed, "refused, nothing was changed: the plan in "+file+" is out of date", "(was 1444)")
	r.IP("link", "set", "eth1", "mtu", "1400")
	r.IP("link", "set", "cable0", "alias", "no business of the plan")
	r.IP("link", "set", "cable0", "alias", "")
	if diff := lab.Diff(before, r.Picture()); diff != "" {
		t.Errorf("it was not refused:\n%s", diff)
	}
	r.expect(r.run("apply", file), exitDone)
	r.expect(r.run("apply", file), exitFailed, "is out of date")
	r.settled()

	r.expect(r.run("apply", file+".none"), exitUsage, "there is no such plan: bootlink plan --save makes one")
	if err := os.WriteFile(file, []byte("version = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.expect(r.run("apply", file), exitUsage, "is not a plan that bootlink plan --save has made")
}

// What the file says of a confirm holds where the command says nothing.
func TestConfirmOfTheFile(t *testing.T) {
	r := newRouter(t, devices, strings.Replace(whole, "version = 1\n", "version = 1\n[settings]\nconfirm = \"1s\"\n", 1))
	before := r.Picture()
	if o := r.run("apply"); o.code != exitDone || !strings.Contains(o.stdout, "undone in 1s, unless you say: bootlink confirm") {
		t.Error(o)
	}
	lab.Eventually(t, func() bool { return lab.Diff(before, r.Picture()) == "" }, func() string { return "the change to be undone" })
	if o := r.run("apply", "--confirm", "0s"); o.code != exitDone || strings.Contains(o.stdout, "confirm") {
		t.Error(o)
	}
}

// A keeper whose apply is gone before it has looked does not wait for another process,
// which its parent is then.
func TestKeeperOfTheDead(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices, whole)
	r.expect(r.run("keep", "1"), exitDone)
	before := r.Picture()
	r.expect(r.run("apply", "--confirm", "2s"), exitDone)
	for _, keeper := range keepers(t, r.runDir) { // and the next one finishes its job
		unix.Kill(keeper, unix.SIGKILL)
	}
	r.expect(r.run("keep", "1"), exitFailed, "nobody confirmed in time")
	if diff := lab.Diff(before, r.Picture()); diff != "" {
		t.Error(diff)
	}
}

// keepers lists the processes that wait to undo what was changed in a run folder.
func keepers(t *testing.T, runDir string) (pids []int) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		text, _ := os.ReadFile(file)
		if words := strings.Split(string(text), "\x00"); len(words) > 2 && words[1] == "keep" && slices.Contains(words, runDir) {
			pid, err := strconv.Atoi(strings.Split(file, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	if len(pids) == 0 {
		t.Error("there is no keeper")
	}
	return pids
}
