package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// Answers and summary are in the words of ping(8), and what was said is a NOOP and
// its ack.
func TestPing(t *testing.T) {
	r := newRouter(t, "", "version = 1\n")
	file := filepath.Join(t.TempDir(), "ping.pcap")
	o := r.run("ping", "netlink_ROUTE", "--count", "3", "--interval", "1ms", "--trace", file)
	r.expect(o, exitDone)
	const answer = `ack from netlink bus 0 \(route\): seq=%d time=\d+\.\d{3} ms\n`
	words := regexp.MustCompile("^" + strings.ReplaceAll(answer, "%d", "1") + strings.ReplaceAll(answer, "%d", "2") + strings.ReplaceAll(answer, "%d", "3") +
		`\n--- netlink bus 0 \(route\) ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time \d+ms\n` +
		`rtt min/avg/max/mdev = (\d+\.\d{3})/(\d+\.\d{3})/(\d+\.\d{3})/\d+\.\d{3} ms\n$`)
	if rtt := words.FindStringSubmatch(o.stdout); rtt == nil || len(rtt[1]) > len(rtt[3]) {
		t.Errorf("ping prints\n%s", o.stdout)
	}
	got := strings.Join(tshark(t, file, "netlink.hdr_type", "netlink.hdr_flags", "netlink.error"), " ")
	if want := strings.TrimSpace(strings.Repeat("0x0001|0x0005| 0x0002,0x0001|0x0100,0x0005|0 ", 3)); got != want {
		t.Errorf("tshark sees %s; want %s", got, want)
	}
}

// Buses by name, alias and number; what they answer, and what that means.
func TestPingBuses(t *testing.T) {
	r := newRouter(t, "", "version = 1\n")
	for _, c := range []struct {
		bus    string
		code   int
		stdout string
		stderr string
	}{
		{"inet_diag", exitDone, "ack from netlink bus 4 (inet_diag, sock_diag): seq=1 time=", ""},
		{"16", exitDone, "ack from netlink bus 16 (generic): seq=1 time=", ""},
		{"usersock", exitFailed, "netlink bus 2 (usersock): seq=1 no answer: the kernel does not listen on this bus\n\n--- netlink bus 2 (usersock) ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time ", ""},
		{"fib_lookup", exitFailed, "netlink bus 10 (fib_lookup): seq=1 no answer in time: not every bus acknowledges a NOOP", ""},
		{"nflog", exitLacks, "", "bootlink: netlink bus 5 (nflog): protocol not supported: nothing in this kernel registers it: use nfnetlink_log on bus 12 (netfilter)"},
		{"hello", exitLacks, "", ": protocol not supported: nothing in this kernel registers it: load the hellobye module"},
		{"rute", exitUsage, "", `no netlink bus "rute": did you mean route?`},
		{"32", exitUsage, "", `no netlink bus "32": write a name, a number from 0 to 31, or --all alone`},
		{"-1", exitUsage, "", "unknown flag --1"},
		{"", exitUsage, "", `no netlink bus ""`},
	} {
		o := r.run("ping", c.bus, "--count", "1", "--timeout", "50ms")
		r.expect(o, c.code, c.stderr)
		if !strings.HasPrefix(o.stdout, c.stdout) || c.stdout == "" && o.stdout != "" {
			t.Errorf("ping %s prints\n%s\nwant\n%s", c.bus, o.stdout, c.stdout)
		}
	}
	r.expect(r.run("ping", "route", "--count", "x"), exitUsage, "--count x: write a number")
	r.expect(r.run("ping", "route", "--netns", "nowhere"), exitUsage, "nowhere")
}

// --all is a line for each of the 32, and opens none that is not there.
func TestPingAll(t *testing.T) {
	r := newRouter(t, "", "version = 1\n")
	o := r.run("ping", "--all", "--timeout", "50ms")
	r.expect(o, exitDone)
	lines := strings.Split(strings.TrimSuffix(o.stdout, "\n"), "\n")
	for i, line := range lines {
		if !regexp.MustCompile(`netlink bus ` + pingJSONText(t, i) + `\b`).MatchString(line) {
			t.Errorf("line %d: %s", i, line)
		}
	}
	if len(lines) != 32 {
		t.Errorf("%d lines", len(lines))
	}
	opened := exec.Command("strace", append([]string{"-f", "-e", "trace=socket", shipped}, r.args("ping", "--all", "--timeout", "50ms")...)...)
	calls := finish(t, opened).stderr
	if strings.Count(calls, "AF_NETLINK") < 5 || regexp.MustCompile("AF_NETLINK, .*(NETLINK_CRYPTO|NETLINK_ECRYPTFS|0x13|0x15)").MatchString(calls) {
		t.Errorf("the wrong buses are opened:\n%s", calls)
	}
}

func pingJSONText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// With --json each line is an object, the last one the summary.
func TestPingJSON(t *testing.T) {
	r := newRouter(t, "", "version = 1\n")
	o := r.run("ping", "0", "--count", "2", "--interval", "1ms", "--json")
	r.expect(o, exitDone)
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	if len(lines) != 3 {
		t.Fatal(o)
	}
	second := decode[map[string]any](t, lines[1])
	if second["bus"] != 0.0 || second["name"] != "route" || second["seq"] != 2.0 || second["answer"] != "ack" || second["microseconds"].(float64) < 1 {
		t.Errorf("the second answer is %v", second)
	}
	if sum := decode[map[string]any](t, lines[2]); sum["sent"] != 2.0 || sum["received"] != 2.0 || sum["lost_percent"] != 0.0 || sum["min"].(float64) > sum["max"].(float64) || len(sum) != 7 {
		t.Errorf("the summary is %v", sum)
	}
}

// Without a count it goes on, a second between two, until it is interrupted.
func TestPingInterrupted(t *testing.T) {
	r := newRouter(t, "", "version = 1\n")
	d := &daemon{t: t, cmd: exec.Command(binary, r.args("ping", "generic")...), done: make(chan struct{})}
	pipe, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	d.begin(pipe)
	d.waitFor("seq=2", 1)
	if took := time.Since(start); took < time.Second {
		t.Errorf("two pings in %v", took)
	}
	if code := d.ends(unix.SIGINT); code != exitDone {
		t.Errorf("exit %d", code)
	}
	lab.Eventually(t, func() bool { return strings.Contains(d.log(), "2 packets transmitted, 2 received, 0% packet loss") }, d.log)
}
