package qemu

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/vm"
)

// stamped is what stands before a packet: a clock time in UTC, and the link.
var stamped = regexp.MustCompile(`(?m)^(\d\d:\d\d:\d\d\.\d{6}) br-lan (192\.168\.10\.2 >)|^(\d\d:\d\d:\d\d\.\d{6}) wan (203\.0\.113\.1 >)`)

// unstamped takes that away.
func unstamped(text string) string { return stamped.ReplaceAllString(text, "$2$4") }

// pull gives a file of the guest.
func (r *router) pull(t *testing.T, path string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(copied, []byte(r.run(t, "/bbin/cat", path)), 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

// output runs a program of the host.
func output(t *testing.T, argv ...string) string {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", argv, err)
	}
	return string(out)
}

// helloFile: what hello writes is what crossed the wires, with the times of its lines.
func helloFile(t *testing.T, r *router) {
	const pings, id = 3, 815
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p, err := r.Begin(ctx, bootlink, "hello", "--count", "6", "--stats", "-w", "/tmp/icmp.pcap")
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the greeting", func() bool { return strings.Contains(heard(t, p).Out, "Hello Server") })
	for seq := range uint16(pings) {
		if _, err := r.lan.Ping(ctx, wanHost, id, seq, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	result, err := p.Wait(ctx)
	if err != nil || result.Code != 0 {
		t.Fatalf("status %d, %v: %s", result.Code, err, result.Err)
	}
	want(t, "--stats", result.Err, "3 icmp echo reply\n", "3 icmp echo request\n", "6 packets, 768 bytes, 0 lost, ")
	file := r.pull(t, "/tmp/icmp.pcap")
	tcpdump := strings.Split(strings.TrimSpace(output(t, "tcpdump", "-n", "-r", file)), "\n")
	lines := strings.Split(strings.TrimSpace(result.Out), "\n")[1:]
	if len(tcpdump) != 2*pings || len(lines) != 2*pings {
		t.Fatalf("tcpdump shows\n%s\nhello has printed\n%s", strings.Join(tcpdump, "\n"), strings.Join(lines, "\n"))
	}
	for i, line := range lines {
		clock, _, _ := strings.Cut(line, " ")
		from, to, kind := lanHost, wanHost, "request"
		if i%2 == 1 {
			from, to, kind = wanHost, lanHost, "reply"
		}
		if expected := fmt.Sprintf("%s IP %s > %s: ICMP echo %s, id %d, seq %d, length 108", clock, from, to, kind, id, i/2); tcpdump[i] != expected {
			t.Errorf("tcpdump shows %s; want %s", tcpdump[i], expected)
		}
	}
	payloads := output(t, "tshark", "-r", file, "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len", "-e", "icmp.checksum.status")
	if payloads != strings.Repeat("128\t128\t1\n", 2*pings) {
		t.Errorf("tshark finds other lengths or wrong checksums:\n%s", payloads)
	}
}

// heard is what a process has written so far.
func heard(t *testing.T, p *vm.Process) vm.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, _, err := p.Output(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// helloAgain: hello keeps the module loaded, lets go of it when it is asked to, and
// is back with it.
func helloAgain(t *testing.T, r *router) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	p, err := r.Begin(ctx, bootlink, "hello", "--json")
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the greeting", func() bool { return strings.Contains(heard(t, p).Out, `{"greeting":"Hello Server Good day Client"}`) })
	if r.try(t, "/bbin/rmmod", "hellobye").Code == 0 {
		t.Error("the module was unloaded under an open socket")
	}
	if err := p.Signal(ctx, 12); err != nil { // SIGUSR2
		t.Fatal(err)
	}
	until(t, "hello to let go", func() bool { return strings.Contains(said(t, p), "bootlink: hello: lets go of the module") })
	until(t, "the module to be free", func() bool { return r.try(t, "/bbin/rmmod", "hellobye").Code == 0 })
	r.run(t, "/bbin/sleep", "1s")
	if strings.Contains(said(t, p), "registered again") {
		t.Errorf("it is back without the module: %s", said(t, p))
	}
	r.run(t, "/bbin/modprobe", "hellobye")
	until(t, "hello to be back", func() bool { return strings.Contains(said(t, p), "bootlink: hello: registered again\n") })
	ping(t, r.lan, wanHost, 816)
	until(t, "a packet", func() bool { return strings.Contains(heard(t, p).Out, "id 816") })
	if err := p.Signal(ctx, 10); err != nil { // SIGUSR1
		t.Fatal(err)
	}
	until(t, "the counts", func() bool { return strings.Contains(said(t, p), " icmp echo request\n") })
	result := ends(t, p, 2)
	if result.Code != 0 || strings.Count(result.Err, "waiting until it is loaded again") != 1 || !strings.Contains(result.Err, " 0 lost, ") {
		t.Errorf("interrupted it ends with %d: %s", result.Code, result.Err)
	}
}

// pings: the module's buses acknowledge a NOOP, and tell it of nobody.
func pings(t *testing.T, r *router) {
	for bus, name := range map[string]string{"hello": "netlink bus 19 (", "21": "netlink bus 21 ("} {
		want(t, "ping "+bus, r.run(t, bootlink, "ping", bus, "--count", "2", "--interval", "10ms"), "ack from "+name, "2 packets transmitted, 2 received, 0% packet loss")
	}
}

// tracedKeys: a capture of what configures a WireGuard link holds none of its keys.
func tracedKeys(t *testing.T, r *router) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const private, shared, public = "cHJpdmF0ZWtleXByaXZhdGVrZXlwcml2YXRla2V5aXQ=", "c2hhcmVka2V5c2hhcmVka2V5c2hhcmVka2V5c2hhcmU=", "qH3kUfqBvB8a0N1VZ4yqvZ9fZ2b1B0oS9C3cVq0u2mA="
	for path, text := range map[string]string{"/tmp/private": private + "\n", "/tmp/shared": shared + "\n",
		"/tmp/wg.toml": "version = 1\n[link.w0]\nkind = \"wireguard\"\n[link.w0.wireguard]\nprivate-key = \"/tmp/private\"\n" +
			"[[link.w0.wireguard.peers]]\npublic-key = \"" + public + "\"\npreshared-key = \"/tmp/shared\"\n"} {
		if err := r.Push(ctx, path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.run(t, iproute2, "netns", "add", "tunnel")
	for _, command := range []string{"apply", "plan"} { // which write keys, and read them
		r.run(t, bootlink, command, "--netns", "tunnel", "--config", "/tmp/wg.toml", "--trace", "/tmp/wg.pcap")
		content, err := os.ReadFile(r.pull(t, "/tmp/wg.pcap"))
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if strings.Contains(text, "privatekey") || strings.Contains(text, "sharedkey") || strings.Count(text, strings.Repeat("*", 32)) < 2 {
			t.Errorf("the capture of %s holds keys, or no place of one:\n%q", command, text)
		}
	}
	r.run(t, iproute2, "netns", "del", "tunnel")
}
