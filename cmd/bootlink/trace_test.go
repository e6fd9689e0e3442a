package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// badGateway is refused by the kernel, which says why.
const badGateway = `
version = 1
[link.d0]
kind      = "bridge"
addresses = ["192.0.2.1/24"]
[[route]]
to  = "198.51.100.0/24"
via = "203.0.113.9"
dev = "d0"
`

// tshark gives fields of each record of a file.
func tshark(t *testing.T, file string, fields ...string) []string {
	t.Helper()
	args := []string{"-r", file, "-T", "fields", "-E", "separator=|"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatalf("tshark %s: %v", file, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// refusedRoute holds a capture against what an apply of badGateway has said.
func refusedRoute(t *testing.T, file string) {
	t.Helper()
	const newRoute = "24"
	var request, answer string
	for _, line := range tshark(t, file, "netlink-route.nltype", "netlink.hdr_seq", "netlink.error") {
		f := strings.Split(line, "|")
		if f[0] == newRoute && f[2] == "" {
			request = f[1]
		}
		if seqs := strings.Split(f[1], ","); f[2] == "-101" && request != "" && seqs[0] == request {
			answer = line
		}
	}
	if answer == "" {
		t.Errorf("%s: no refusal of a new route", file)
	}
	content, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(content, []byte("Nexthop has invalid gateway")) {
		t.Errorf("%s: without the kernel's words (%v)", file, err)
	}
	var stat unix.Stat_t
	if err := unix.Stat(file, &stat); err != nil || stat.Mode != unix.S_IFREG|0o600 {
		t.Errorf("%s: mode %o, %v", file, stat.Mode, err)
	}
}

// What is refused stands in the capture and on standard error, record by record.
func TestTrace(t *testing.T) {
	r := newRouter(t, "link set lo up", badGateway)
	file := filepath.Join(t.TempDir(), "trace.pcap")
	o := r.run("apply", "--trace", file, "-vv")
	r.expect(o, exitFailed, "-> bus 0 RTM_NEWROUTE flags 0x605 seq ", " error 101 attributes [1", "Nexthop has invalid gateway")
	refusedRoute(t, file)
	lines := regexp.MustCompile(`(?m)^(->|<-) bus 0 (\w+) flags 0x[0-9a-f]+ seq (\d+) length (\d+) error \d+ attributes \[.*\]$`).FindAllStringSubmatch(o.stderr, -1)
	var seqs []string
	for _, record := range tshark(t, file, "netlink.hdr_seq", "netlink.error") {
		seq, refusal, _ := strings.Cut(record, "|")
		if refusal != "" { // the request's header follows
			seq, _, _ = strings.Cut(seq, ",")
		}
		seqs = append(seqs, strings.Split(seq, ",")...)
	}
	if len(lines) < 10 || len(lines) != len(seqs) {
		t.Fatalf("%d lines and %d messages:\n%s", len(lines), len(seqs), o.stderr)
	}
	for i, l := range lines {
		if l[3] != seqs[i] {
			t.Errorf("line %q, message %s", l[0], seqs[i])
		}
	}
}

// run leaves the messages before a failure beside its report, one file at most.
func TestRunTrace(t *testing.T) {
	r := newRouter(t, "link set lo up", strings.Split(badGateway, "[[route]]")[0])
	d := r.start()
	d.waitFor(" is in force", 1)
	traces := func() (names []string) {
		files, _ := filepath.Glob(filepath.Join(r.runDir, "trace*"))
		for _, f := range files {
			names = append(names, filepath.Base(f))
		}
		return names
	}
	if got := traces(); len(got) > 0 {
		t.Errorf("there is %v without a failure", got)
	}
	for n := range 2 {
		r.write(badGateway)
		d.signal(unix.SIGHUP)
		d.waitFor("its netlink messages are in "+r.runDir+"/trace-apply.pcap", n+1)
		refusedRoute(t, filepath.Join(r.runDir, "trace-apply.pcap"))
	}
	r.Lines("link del d0\nlink add d0 type veth peer name d1") // together, before it is put right
	d.waitFor("its netlink messages are in "+r.runDir+"/trace-heal.pcap", 1)
	if got := traces(); !slices.Equal(got, []string{"trace-heal.pcap"}) {
		t.Errorf("there is %v", got)
	}
	if types := tshark(t, filepath.Join(r.runDir, "trace-heal.pcap"), "netlink-route.nltype"); !slices.Contains(types, "18") {
		t.Errorf("no dump of links in %v", types)
	}
	if code := d.ends(unix.SIGTERM); code != 0 {
		t.Errorf("run ends with %d", code)
	}
}

// A file that cannot be written is a wrong command line; a full one ends nothing.
func TestTraceFile(t *testing.T) {
	r := newRouter(t, "", "version = 1\n[link.lo]\n")
	r.expect(r.run("plan", "--trace", filepath.Join(t.TempDir(), "none", "x")), exitUsage, "--trace: open ", "no such file or directory")
	r.expect(r.run("plan", "--trace", "/dev/full"), exitUsage, "--trace: write /dev/full: no space left on device")
	for _, command := range []string{"check", "version", "schema"} { // that speak to no kernel
		file := filepath.Join(t.TempDir(), "x")
		r.expect(r.run(command, "--trace", file), exitDone)
		if content, err := os.ReadFile(file); err != nil || len(content) != 24 {
			t.Errorf("%s: a capture of %d bytes, %v", command, len(content), err)
		}
	}
}
