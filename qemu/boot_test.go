package qemu

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/vm"
)

// TestRouter boots the product's image once, and looks at it from all sides.
func TestRouter(t *testing.T) {
	t.Parallel()
	files := map[string]vm.File{}
	addGuestTest(t, files, "rtcfg/object", "testdata")
	r := boot(t, vm.Config{Files: files, Memory: 384})
	r.configured(t)
	for _, c := range []struct {
		name  string
		check func(*testing.T, *router)
	}{
		{"forwards", forwards}, {"connects", connects}, {"links", links}, {"addresses", addresses}, {"routes", routes}, {"buses", buses},
		{"second apply writes nothing", secondApply}, {"status", status}, {"probe", probe}, {"board", board}, {"run", run}, {"kernel log", kernelLog},
		{"hello prints the pings", helloPings}, {"bye prints the pings", byePings}, {"legacy client", legacyClient},
		{"tour", tour}, {"caps", caps}, {"hello writes a file", helloFile}, {"buses answer pings", pings}, {"traces hold no keys", tracedKeys},
		{"reload", reload}, {"soak", soak}, {"module once more", moduleAgain}, {"hello outlives the module", helloAgain}, {"nothing went wrong in the kernel", quietKernel},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, r) })
	}
}

func forwards(t *testing.T, r *router) {
	ping(t, r.lan, wanHost, 1)
	ping(t, r.lan, wanHost6, 2)
	ping(t, r.wan, lanHost, 3)
	ping(t, r.wan, lanHost6, 4)
}

func connects(t *testing.T, r *router) {
	for _, at := range []netip.AddrPort{netip.AddrPortFrom(wanHost, 80), netip.AddrPortFrom(wanHost6, 80)} {
		l, err := r.wan.Listen(at)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if c, err := l.Accept(); err == nil {
				io.Copy(c, c)
				c.Close()
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c, err := r.lan.Dial(ctx, at)
		if err != nil {
			t.Fatalf("dial %s: %v", at, err)
		}
		c.SetDeadline(time.Now().Add(time.Minute))
		text := strings.Repeat("through the router ", 1000)
		go c.Write([]byte(text))
		got := make([]byte, len(text))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
			t.Errorf("%s: %d bytes of %d came back, %v", at, len(got), len(text), err)
		}
		c.Close()
	}
}

// buses: where a device sits, which a match names, is what iproute2 shows. The machine
// that runs the tests may have no device on a bus.
func buses(t *testing.T, r *router) {
	out := r.run(t, "/bbin/gosh", "-c", "cd /rtcfg/object && PATH=/opt/iproute2:$PATH /rtcfg/object.test -test.v -test.run '^TestParents$'")
	want(t, "the test of parents", out, "--- PASS: TestParents")
}

// ipLink is what these tests need of `ip -d -j link`.
type ipLink struct {
	Ifname, Address, Operstate, Master, Link string
	MTU                                      int
	Flags                                    []string
	Linkinfo                                 struct {
		InfoKind string `json:"info_kind"`
		InfoData struct {
			ID       int
			Protocol string
			STPState *int `json:"stp_state"`
		} `json:"info_data"`
	}
}

func ipJSON(t *testing.T, r *router, into any, args ...string) {
	t.Helper()
	text := r.run(t, append([]string{iproute2, "-j"}, args...)...)
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("ip %v: %v\n%s", args, err, text)
	}
}

func links(t *testing.T, r *router) {
	var list []ipLink
	ipJSON(t, r, &list, "-d", "link")
	by := map[string]ipLink{}
	for _, l := range list {
		by[l.Ifname] = l
	}
	for name, want := range map[string]string{
		"lan1":   "kind  address 52:54:00:12:34:01 master br-lan link  up true",
		"br-lan": "kind bridge address 52:54:00:12:34:01 master  link  up true",
		"wan":    "kind  address 52:54:00:12:34:02 master  link  up true",
		"wan.7":  "kind vlan address 52:54:00:12:34:02 master  link wan up true",
	} {
		l := by[name]
		got := fmt.Sprintf("kind %s address %s master %s link %s up %v", l.Linkinfo.InfoKind, l.Address, l.Master, l.Link, slices.Contains(l.Flags, "UP"))
		if got != want {
			t.Errorf("ip shows %s as %s; want %s", name, got, want)
		}
	}
	if v := by["wan.7"].Linkinfo.InfoData; v.ID != 7 || v.Protocol != "802.1Q" {
		t.Errorf("ip shows VLAN %d of %s; want 7 of 802.1Q", v.ID, v.Protocol)
	}
	if g, d := by["guest0"], by["anchor"]; g.Linkinfo.InfoKind != "veth" || g.Link != "guest1" || d.Linkinfo.InfoKind != "dummy" {
		t.Errorf("ip shows guest0 as %s to %s, anchor as %s; want veth to guest1, dummy", g.Linkinfo.InfoKind, g.Link, d.Linkinfo.InfoKind)
	}
	if by["wan"].MTU != 1500 || by["eth0"].Ifname != "" {
		t.Errorf("wan has MTU %d, eth0 is %+v; want 1500 and no eth0", by["wan"].MTU, by["eth0"])
	}
}

func addresses(t *testing.T, r *router) {
	var list []struct {
		Ifname   string
		AddrInfo []struct {
			Local, Label, Scope, Protocol string
			Prefixlen                     int
			Tentative, DADFailed          bool
		} `json:"addr_info"`
	}
	ipJSON(t, r, &list, "address")
	var got []string
	for _, l := range list {
		for _, a := range l.AddrInfo {
			if l.Ifname != "lo" && a.Scope == "global" {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s/%d %s", l.Ifname, a.Local, a.Prefixlen, a.Label)))
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"anchor 10.255.0.1/32 anchor", "br-lan 192.168.10.1/24 br-lan", "br-lan fd00:10::1/64", "guest0 192.168.20.1/24 guest0",
		"wan 2001:db8:1::2/64", "wan 203.0.113.2/30 wan:1", "wan.7 198.51.100.2/31 wan.7",
	}
	if !slices.Equal(got, want) {
		t.Errorf("ip shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func routes(t *testing.T, r *router) {
	var got []string
	for _, family := range []string{"-4", "-6"} {
		var list []struct {
			Type, Dst, Gateway, Dev string
			Metric                  int
		}
		ipJSON(t, r, &list, family, "route", "show", "proto", "98")
		for _, x := range list {
			got = append(got, fmt.Sprintf("%s %s via %s dev %s metric %d", x.Type, x.Dst, x.Gateway, x.Dev, x.Metric))
		}
	}
	slices.Sort(got)
	want := []string{
		" 10.0.0.0/8 via 192.168.10.2 dev br-lan metric 200", " default via 2001:db8:1::1 dev wan metric 1024",
		" default via 203.0.113.1 dev wan metric 0", "blackhole 192.0.2.0/24 via  dev  metric 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("ip shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func secondApply(t *testing.T, r *router) {
	var result struct{ Writes, Steps json.RawMessage }
	text := r.run(t, bootlink, "apply", "--json")
	if err := json.Unmarshal([]byte(text), &result); err != nil || string(result.Writes) != "0" || string(result.Steps) != "[]" {
		t.Errorf("a second apply says %s (%v); want no steps and 0 writes", text, err)
	}
	want(t, "plan", r.run(t, bootlink, "plan", "--exit-code"), "nothing to do")
}

func status(t *testing.T, r *router) {
	want(t, "status", r.run(t, bootlink, "status"), "in force", "br-lan", "  lan1", "192.168.10.1/24", "hello is netlink 19, bye is netlink 21",
		"ok       default via 203.0.113.1")
}

func probe(t *testing.T, r *router) {
	var report struct {
		Buses []struct {
			Number  int
			Name    string
			Present bool
			Need    string
		}
		Features []struct{ Name, State string }
	}
	modules := func() string { // without their use counts
		var names []string
		for _, line := range strings.Split(r.run(t, "/bbin/lsmod"), "\n") {
			name, _, _ := strings.Cut(line, " ")
			names = append(names, name)
		}
		return strings.Join(names, " ")
	}
	before := modules()
	if err := json.Unmarshal([]byte(r.run(t, bootlink, "probe", "--json")), &report); err != nil {
		t.Fatal(err)
	}
	if after := modules(); after != before {
		t.Errorf("a probe loads modules: %s, before %s", after, before)
	}
	states := map[string]string{}
	for _, f := range report.Features {
		states[f.Name] = f.State
	}
	for name, state := range map[string]string{
		"kind bridge": "loaded", "kind vlan": "loaded", "kind wireguard": "installed, not loaded", "kind gtp": "", "rules": "present",
		"VLANs of bridges": "present", "multipath routes": "present", "marks of addresses": "present", "strict checking": "present", "family ethtool": "present",
	} {
		if states[name] != state {
			t.Errorf("%s is %q; want %q", name, states[name], state)
		}
	}
	buses := report.Buses
	if len(buses) != 32 {
		t.Fatalf("probe lists %d buses; want 32", len(buses))
	}
	for n, present := range map[int]bool{0: true, 1: false, 2: true, 3: false, 8: false, 11: true, 16: true, 19: true, 21: true, 30: false} {
		if b := buses[n]; b.Number != n || b.Present != present {
			t.Errorf("probe says of bus %d: %+v; want present %v", n, b, present)
		}
	}
	if buses[0].Need != "required" || buses[19].Need != "wanted" || buses[19].Name != "hello" {
		t.Errorf("probe says %+v and %+v; want route required, hello wanted", buses[0], buses[19])
	}
}

func board(t *testing.T, r *router) {
	want(t, "board", r.run(t, bootlink, "board"), "qemu-virt", "the device tree says linux,dummy-virt", "52:54:00:12:34:02")
}

// runs starts `bootlink run` in the place of init's, so that its words come to the
// test and not to the console, and waits until it says that a file is in force.
func (r *router) runs(t *testing.T, args ...string) *vm.Process {
	t.Helper()
	r.endRun(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p, err := r.Begin(ctx, append([]string{bootlink, "run"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "run to say that the file is in force", func() bool { return strings.Contains(said(t, p), "is in force") })
	return p
}

// endRun ends the `bootlink run` that is there, if any.
func (r *router) endRun(t *testing.T) {
	t.Helper()
	running := func() string {
		return strings.TrimSpace(r.try(t, "/bbin/cat", "/run/bootlink/bootlink.pid").Out)
	}
	if pid := running(); pid != "" {
		want(t, "a second run", r.try(t, bootlink, "run").Err, pid)
		r.run(t, "/bbin/gosh", "-c", "kill "+pid)
		until(t, "run to end", func() bool { return running() == "" })
	}
}

// said is what a process has written to standard error so far.
func said(t *testing.T, p *vm.Process) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, _, err := p.Output(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return out.Err
}

// ends sends a signal and waits for the end.
func ends(t *testing.T, p *vm.Process, signal int) vm.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := p.Signal(ctx, signal); err != nil {
		t.Fatal(err)
	}
	result, err := p.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// run: its first lines are the probe's table, then what it did; SIGTERM ends it
// and leaves the network up.
func run(t *testing.T, r *router) {
	result := ends(t, r.runs(t), 15)
	if result.Code != 0 {
		t.Errorf("run ends with %d after SIGTERM; want 0", result.Code)
	}
	want(t, "run", result.Err, "BUS  NAME", " 19  hello          present  wanted", "0 steps, 0 writes, 0 awaited", "the network stays as it is")
	if got := regexp.MustCompile(`(?m)^ *\d+  \S* +(present|missing)`).FindAllString(result.Err, -1); len(got) != 32 {
		t.Errorf("run lists %d buses; want 32:\n%s", len(got), result.Err)
	}
	secondApply(t, r)
}

// kernelLog: a run whose output nobody takes speaks to the kernel's log, in lines and
// without the table.
func kernelLog(t *testing.T, r *router) {
	r.endRun(t)
	r.run(t, "/bbin/dmesg", "-C")
	p, err := r.Begin(t.Context(), "/bbin/gosh", "-c", bootlink+" run 2>/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the kernel's log to say that the file is in force", func() bool {
		return strings.Contains(r.run(t, "/bbin/dmesg"), "bootlink: "+config+" is in force: 0 steps")
	})
	r.endRun(t)
	log := r.run(t, "/bbin/dmesg")
	want(t, "the kernel's log", log, "bootlink: ends; the network stays as it is")
	if strings.Contains(log, "BUS  NAME") {
		t.Errorf("the table is in the kernel's log:\n%s", log)
	}
	if _, err := p.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func helloPings(t *testing.T, r *router) { listens(t, r, "hello", "Hello Server Good day Client") }
func byePings(t *testing.T, r *router)   { listens(t, r, "bye", "BYE Server Good Evening Client") }

// listens holds what a side prints against the pings that were sent: each
// request from the LAN, each reply from the WAN, nothing else, in order.
func listens(t *testing.T, r *router, side, greeting string) {
	const pings, id = 5, 4711
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p, err := r.Begin(ctx, bootlink, side, "--count", fmt.Sprint(2*pings))
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the greeting", func() bool {
		out, _, err := p.Output(ctx)
		return err != nil || strings.Contains(out.Out, greeting+"\n")
	})
	expected := []string{greeting}
	for seq := range uint16(pings) {
		payload := make([]byte, 20+int(seq))
		if _, err := r.lan.Ping(ctx, wanHost, id, seq, payload); err != nil {
			t.Fatal(err)
		}
		length := 28 + len(payload)
		expected = append(expected,
			fmt.Sprintf("192.168.10.2 > 203.0.113.1: icmp echo request, id %d, seq %d, ttl 64, length %d", id, seq, length),
			fmt.Sprintf("203.0.113.1 > 192.168.10.2: icmp echo reply, id %d, seq %d, ttl 64, length %d", id, seq, length))
	}
	out, err := p.Wait(ctx)
	if got := strings.Split(strings.TrimSpace(unstamped(out.Out)), "\n"); err != nil || out.Code != 0 || !slices.Equal(got, expected) {
		t.Errorf("%s printed (status %d, %v)\n%s%s\nwant\n%s", side, out.Code, err, out.Out, out.Err, strings.Join(expected, "\n"))
	}
}

// legacyClient is the program in C, as it was written for the first module.
func legacyClient(t *testing.T, r *router) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p, err := r.Begin(ctx, "/bbin/legacy_client", "19", "3")
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the greeting", func() bool {
		out, _, err := p.Output(ctx)
		return err != nil || strings.Contains(out.Out, "Hello Server Good day Client")
	})
	if _, err := r.lan.Ping(ctx, wanHost, 99, 7, []byte("legacy")); err != nil {
		t.Fatal(err)
	}
	out, err := p.Wait(ctx)
	lines := strings.Split(strings.TrimSpace(out.Out), "\n")
	if err != nil || len(lines) != 3 {
		t.Fatalf("the legacy client printed (%v)\n%s%s", err, out.Out, out.Err)
	}
	sent := sentPackets(r, 99)
	if len(sent) != 2 {
		t.Fatalf("on the wires were %d packets with id 99; want a request and a reply", len(sent))
	}
	for i, packet := range sent {
		if !strings.Contains(lines[i+1], packet) {
			t.Errorf("the legacy client printed %s; on the wire was %s", lines[i+1], packet)
		}
	}
}

// sentPackets gives the hosts' ICMP packets with that id as they came out of
// the hosts, in hex: the request from the LAN, then the reply from the WAN.
func sentPackets(r *router, id uint16) []string {
	var packets []string
	for _, side := range []struct {
		frames [][]byte
		typ    byte
	}{{r.lan.Frames(), 8}, {r.wan.Frames(), 0}} {
		for _, f := range side.frames {
			if len(f) > 42 && f[12] == 8 && f[13] == 0 && f[23] == 1 && f[34] == side.typ && uint16(f[38])<<8|uint16(f[39]) == id {
				packets = append(packets, fmt.Sprintf("%x", f[14:]))
			}
		}
	}
	return packets
}

// reload: a changed file comes into force with SIGHUP, a faulty one changes
// nothing, and the first one comes back.
func reload(t *testing.T, r *router) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p := r.runs(t)
	before := r.run(t, "/bbin/cat", config)
	hup := func(text string) {
		if err := r.Push(ctx, config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := p.Signal(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	has := func(address string) bool {
		return strings.Contains(r.run(t, iproute2, "-o", "address", "show"), " "+address+" ")
	}
	hup(strings.Replace(before, `"10.255.0.1/32"`, `"10.255.0.2/32"`, 1))
	until(t, "the new address", func() bool { return has("10.255.0.2/32") && !has("10.255.0.1/32") })
	ping(t, r.lan, wanHost, 5)
	hup(strings.Replace(before, `"10.255.0.1/32"`, `"10.255.0.1"`, 1))
	until(t, "the fault to be told", func() bool { return strings.Contains(said(t, p), "has no prefix length") })
	if !has("10.255.0.2/32") {
		t.Error("a faulty file took the address away")
	}
	hup(before)
	until(t, "the first address", func() bool { return has("10.255.0.1/32") && !has("10.255.0.2/32") })
	ends(t, p, 15)
}

// moduleAgain unloads the module and lets `hello` say so; an unload and a load
// leave nothing behind.
func moduleAgain(t *testing.T, r *router) {
	until(t, "the module to be free", func() bool { return r.try(t, "/bbin/rmmod", "hellobye").Code == 0 })
	gone := r.try(t, bootlink, "hello")
	if gone.Code != 3 {
		t.Errorf("hello without the module ends with %d; want 3", gone.Code)
	}
	want(t, "hello without the module", gone.Err, "hellobye", "not loaded", "modprobe hellobye")
	r.run(t, "/bbin/modprobe", "hellobye")
	listens(t, r, "hello", "Hello Server Good day Client")
}

func quietKernel(t *testing.T, r *router) {
	for _, line := range strings.Split(r.run(t, "/bbin/dmesg"), "\n") {
		for _, bad := range []string{"BUG:", "WARNING:", "Oops", "Call trace"} {
			if strings.Contains(line, bad) {
				t.Errorf("the kernel says: %s", line)
			}
		}
	}
}
