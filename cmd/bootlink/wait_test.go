package main

import (
	"os/exec"
	"testing"

	"bootlink/rtcfg/lab"
)

// wait ends when the last thing that was missing is there, and else tells what is.
func TestWait(t *testing.T) {
	t.Parallel()
	r := newRouter(t, devices+"\nlink set cable0 up\nlink set cable1 up", whole)
	r.expect(r.run("wait", "--timeout", "100ms"), exitFailed, "the network is not there:", "link lan1 is not there", "route default via 203.0.113.1 is not there")
	r.expect(r.run("wait", "--link", "lan7"), exitUsage, `FILE has no link "lan7"`)
	r.expect(r.run("wait", "--timeout", "soon"), exitUsage, "--timeout soon: write a time like 30s")

	waits := exec.Command(binary, r.args("wait", "--timeout", "60s")...)
	done := make(chan outcome)
	go func() { done <- finish(t, waits) }()
	r.apply()
	if o := <-done; o.code != exitDone {
		t.Fatal(o)
	}
	for _, family := range []string{"-4", "-6"} {
		if out := r.IP(family, "address", "show", "tentative", "scope", "global"); out != "" {
			t.Errorf("wait has ended with tentative addresses:\n%s", out)
		}
	}

	r.IP("link", "set", "cable1", "down")
	lab.Eventually(t, func() bool { return r.run("wait", "--timeout", "0s", "--link", "wan").code == exitFailed }, func() string { return "wan to lose its carrier" })
	r.expect(r.run("wait", "--timeout", "0s", "--link", "wan"), exitFailed, "link wan has no carrier")
	r.expect(r.run("wait", "--timeout", "0s", "--link", "wan,br-lan", "--any"), exitDone)
}
