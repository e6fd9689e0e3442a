package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bootlink/rtcfg/lab"
)

// Each of these files is refused before anything is changed. FILE stands for
// the file's name.
func TestRefusedFiles(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		code   int
		words  []string
	}{
		"not TOML": {"version = 1\n[link.a\n", exitUsage,
			[]string{"FILE:2:8: not TOML: "}},
		"unknown key": {"version = 1\n[link.eth0]\nadresses = []\n", exitUsage,
			[]string{`FILE:3:1: unknown key "adresses": did you mean "addresses"?`}},
		"wrong type": {"version = 1\n[link.eth0]\nmtu = \"1500\"\n", exitUsage,
			[]string{"FILE:3:7: this is a string, not an integer: write a number without quotes"}},
		"address without prefix length": {"version = 1\n[link.eth0]\naddresses = [\"192.0.2.1\"]\n", exitUsage,
			[]string{`FILE:3:14: address "192.0.2.1" has no prefix length: write it like "192.0.2.1/24"`}},
		"VLAN 4095": {"version = 1\n[link.eth0]\n[link.\"eth0.x\"]\nkind = \"vlan\"\nvlan = { link = \"eth0\", id = 4095 }\n", exitUsage,
			[]string{"FILE:5:30: id 4095 is out of range: 1 to 4094 are allowed"}},
		"undefined master": {"version = 1\n[link.eth0]\nmaster = \"br-lan\"\n", exitUsage,
			[]string{`FILE:3:10: link "eth0" wants "br-lan" as its master, which is not defined: add a table [link.br-lan]`}},
		"two links with one MAC": {"version = 1\n[link.a]\nmatch = { mac = \"02:00:00:00:00:01\" }\n[link.b]\nmatch = { mac = \"02-00-00-00-00-01\" }\n", exitUsage,
			[]string{`FILE:5:1: two links match MAC 02:00:00:00:00:01: "a" has it at FILE:3:1`}},
		"cycle of masters": {"version = 1\n[link.a]\nkind = \"bridge\"\nmaster = \"b\"\n[link.b]\nkind = \"bridge\"\nmaster = \"a\"\n", exitUsage,
			[]string{"FILE:2:7: links stand on each other in a circle: a -> b -> a: take one of them out"}},
		"all faults at once": {"[link.a]\nmtu = 1\n[[route]]\n", exitUsage,
			[]string{"FILE:1:1: the file has no version: ", "FILE:2:7: mtu 1 is out of range", "FILE:3:3: a route without to"}},
		"two devices for one match": {"version = 1\n[link.lan1]\nmatch = { name = \"eth*\" }\n", exitFailed,
			[]string{`FILE:3:1: link "lan1": name eth* fits eth0 and eth1: add mac or path to tell them apart`}},
		"a name that is taken": {"version = 1\n[link.eth1]\nmatch = { mac = \"02:00:00:00:00:01\" }\n", exitFailed,
			[]string{`FILE:2:7: link "eth1" cannot be called so: another device (02:00:00:00:00:02) has the name`}},
		"a link of another's making": {"version = 1\n[link.eth1]\nkind = \"bridge\"\n", exitFailed,
			[]string{`FILE:2:7: link "eth1" exists, is a veth and not a bridge, and was not made by bootlink: delete it (ip link delete eth1)`}},
		"a setting that the kernel lacks": {"version = 1\n[sysctl]\n\"net.ipv4.ip_forwards\" = 1\n[link.br0]\nkind = \"bridge\"\n", exitLacks,
			[]string{"FILE:3:1: ", "sysctl net/ipv4/ip_forwards", "no such setting below /proc/sys: check the spelling"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRouter(t, devices, c.config)
			same := r.unchanged()
			r.expect(r.run("apply"), c.code, c.words...)
			if c.code == exitUsage {
				r.expect(r.run("check"), c.code, c.words...)
				r.expect(r.run("run"), c.code, c.words...)
				r.expect(r.run("plan"), c.code, c.words...)
			}
			same()
		})
	}
}

// What the kernel may lack: a link kind and an option of one. A kernel that has
// it is configured; one that has not is left alone, and it is said what to enable.
func TestLacks(t *testing.T) {
	for name, c := range map[string]struct {
		try    string // an ip command that needs the same
		config string
		words  []string
	}{
		"a link kind": {"link add link eth0 name x.7 type vlan id 7",
			"version = 1\n[link.br0]\nkind = \"bridge\"\n[link.\"eth0.7\"]\nkind = \"vlan\"\nvlan = { link = \"eth0\", id = 7 }\n[link.eth0]\n",
			[]string{`FILE:4:7: link eth0.7 needs kind vlan: this kernel has none: enable CONFIG_VLAN_8021Q, or install and load module 8021q`}},
		"an option that is refused": {"link add x type bridge vlan_filtering 1",
			"version = 1\n[link.br0]\nkind = \"bridge\"\nbridge = { vlan_filtering = true }\n",
			[]string{"FILE:4:29: link br0: bridge.vlan_filtering: this kernel cannot do it: enable CONFIG_BRIDGE_VLAN_FILTERING, or take the option out"}},
		"an option that is passed over": {"link add x type bridge vlan_filtering 1",
			"version = 1\n[link.br0]\nkind = \"bridge\"\nbridge = { vlan_default_pvid = 7 }\n",
			[]string{"FILE:4:32: link br0: bridge.vlan_default_pvid: this kernel cannot do it: enable CONFIG_BRIDGE_VLAN_FILTERING, or take the option out"}},
	} {
		t.Run(name, func(t *testing.T) {
			try := newRouter(t, devices, empty)
			has := exec.Command("ip", append([]string{"-n", try.Name}, strings.Fields(c.try)...)...).Run() == nil
			r := newRouter(t, devices, c.config)
			if has {
				r.settled()
				return
			}
			same := r.unchanged()
			r.expect(r.run("apply"), exitLacks, c.words...)
			same()
		})
	}
}

func TestMissingFile(t *testing.T) {
	r := newRouter(t, devices, empty)
	same := r.unchanged()
	os.Remove(r.config)
	for _, command := range []string{"check", "plan", "apply", "status", "run"} {
		r.expect(r.run(command), exitUsage, "FILE: there is no such file: write one, or name another with --config")
	}
	same()
}

// A folder or a file that cannot be read is told like a missing one.
func TestUnreadableFile(t *testing.T) {
	r := newRouter(t, devices, empty)
	r.config = filepath.Dir(r.config)
	r.expect(r.run("check"), exitUsage, "FILE: is a directory: make it readable")
}

// A device that never appears: the rest is configured, and what is awaited is
// said by apply, plan and status.
func TestAwaitedDevice(t *testing.T) {
	r := newRouter(t, devices, `
version = 1
[link.lan1]
match = { mac = "02:00:00:00:00:01" }
addresses = ["192.168.10.1/24"]
[link.wan]
match = { mac = "02:00:00:00:00:99" }
addresses = ["203.0.113.2/30"]
sysctl = { "ipv4.rp_filter" = 1 }
[link.wlan0]
master = "br0"
[link.br0]
kind = "bridge"
[[route]]
to = "default"
via = "203.0.113.1"
[[route]]
to = "10.0.0.0/8"
via = "192.168.10.2"
`)
	awaited := []string{
		"link wan waits for a device with mac 02:00:00:00:00:99",
		"address 203.0.113.2/30 dev wan waits for link wan",
		"link wlan0 waits for a device of that name",
		"sysctl net/ipv4/conf/wan/rp_filter waits for link wan",
		"waits for link wan",
	}
	o := r.run("apply")
	r.expect(o, exitDone, awaited...)
	if out := r.IP("route", "show", "10.0.0.0/8"); !strings.Contains(out, "via 192.168.10.2 dev lan1") {
		t.Errorf("the rest is not there: %q", out)
	}
	status := r.run("status")
	for _, want := range append(awaited, "in force, 5 things wait for devices", "wan             waits for a device with mac") {
		if !strings.Contains(status.stdout, want) {
			t.Errorf("status lacks %q:\n%s", want, status.stdout)
		}
	}
	if again := r.apply(); again.Writes != 0 || len(again.Awaited) != 5 {
		t.Errorf("the second apply: %+v", again)
	}
	r.Lines("link add eth9 address 02:00:00:00:00:99 type veth peer name cable9")
	r.settled()
	if out := r.IP("route", "show", "default"); !strings.Contains(out, "via 203.0.113.1 dev wan") {
		t.Errorf("once the device is there: %q", out)
	}
}

// A step that the kernel refuses in the middle: everything is undone, and the
// message has the kernel's own words.
func TestRefusedStep(t *testing.T) {
	r := newRouter(t, devices+"\nlink set eth1 up\naddress add 10.9.9.1/24 dev eth1\n", whole+"\n[[route]]\nto = \"10.2.0.0/16\"\nvia = \"172.16.0.1\"\n")
	line := strings.Count(whole, "\n") + 2
	same := r.unchanged()
	r.expect(r.run("apply"), exitFailed, fmt.Sprintf("FILE:%d:3: create route 10.2.0.0/16 via 172.16.0.1: ", line),
		"network is unreachable", `kernel: "Nexthop has invalid gateway"`)
	same()
	if state, err := os.ReadFile(filepath.Join(r.runDir, "state.toml")); err != nil || strings.Contains(string(state), "name") {
		t.Errorf("the state file still remembers something: %v: %s", err, state)
	}
	r.write(whole)
	r.settled()
	r.write(strings.Replace(whole, `via = "203.0.113.1"`, `via = "172.16.0.1"`, 1))
	same = r.unchanged()
	r.expect(r.run("apply"), exitFailed, "via 172.16.0.1: network is unreachable")
	same()
}

// Without privileges nothing is changed, and the message says who may.
func TestNoPrivileges(t *testing.T) {
	r := newRouter(t, devices, whole)
	for dir := filepath.Dir(r.config); dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	same := r.unchanged()
	for _, command := range []string{"apply", "run"} {
		o := r.as(65534, command)
		r.expect(o, exitFailed, "not permitted: changing the network needs CAP_NET_ADMIN: run bootlink as root, or give it that capability")
	}
	r.expect(r.as(65534, "check"), exitDone)
	same()
}

// as runs a command as another user inside the namespace, which it could not
// enter by itself.
func (r *router) as(user uint32, command string) (o outcome) {
	r.t.Helper()
	r.Do(func() error {
		cmd := exec.Command(binary, command, "--config", r.config, "--run-dir", r.runDir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
		o = finish(r.t, cmd)
		return nil
	})
	return o
}

func TestUnknownNamespace(t *testing.T) {
	r := newRouter(t, "", empty)
	r.expect(bootlink(t, "apply", "--netns", "nowhere-at-all", "--config", r.config), exitFailed, "nowhere-at-all", "no such file or directory")
}

// The hello/bye module is not on this machine.
func TestHelloWithoutModule(t *testing.T) {
	if _, err := os.Stat("/sys/module/hellobye"); err == nil {
		t.Fatal("hellobye is loaded on this machine: this test wants to see what happens without")
	}
	for _, command := range []string{"hello", "bye"} {
		o := bootlink(t, command)
		if o.code != exitLacks || !strings.Contains(o.stderr, "hellobye") || !strings.Contains(o.stderr, "modprobe hellobye") {
			t.Errorf("bootlink %s: %s\nwant exit 3 and what to load", command, o)
		}
	}
	lines := strings.Split(bootlink(t, "probe").stdout, "\n")
	for _, name := range []string{" 19  hello", " 21  bye"} {
		found := false
		for _, line := range lines {
			found = found || strings.HasPrefix(line, name) && strings.Contains(line, "missing") && strings.Contains(line, "hellobye")
		}
		if !found {
			t.Errorf("probe does not say that %q is missing, and what brings it:\n%s", name, strings.Join(lines, "\n"))
		}
	}
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitUsage, "usage: bootlink COMMAND"},
		{[]string{"aply"}, exitUsage, `unknown command "aply": did you mean "apply"?`},
		{[]string{"frobnicate"}, exitUsage, "unknown command \"frobnicate\": `bootlink help` lists the commands"},
		{[]string{"--nothing"}, exitUsage, "unknown command"},
		{[]string{"apply", "--fast"}, exitUsage, "unknown flag --fast: `bootlink help apply` lists"},
		{[]string{"apply", "--jsn"}, exitUsage, "unknown flag --jsn: did you mean --json?"},
		{[]string{"apply", "--config"}, exitUsage, "--config needs a value: --config FILE"},
		{[]string{"apply", "--json=perhaps"}, exitUsage, "--json is a switch, write true or false"},
		{[]string{"hello", "--count", "many"}, exitUsage, "--count many: write a number"},
		{[]string{"plan", "one", "two"}, exitUsage, "too many arguments: one two"},
		{[]string{"check", "a.toml", "b.toml"}, exitUsage, "too many arguments: b.toml"},
		{[]string{"help"}, exitDone, "usage: bootlink COMMAND"},
		{[]string{"--help"}, exitDone, "usage: bootlink COMMAND"},
		{[]string{"help", "apply"}, exitDone, "--max-disruption"},
		{[]string{"apply", "--help"}, exitDone, "max-disruption"},
		{[]string{"help", "aply"}, exitUsage, `did you mean "apply"?`},
		{[]string{"version"}, exitDone, "bootlink "},
	} {
		o := bootlink(t, c.args...)
		text := o.stderr
		if c.code == exitDone {
			text += o.stdout
		}
		if o.code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("bootlink %q: %s\nwant exit %d and %q", c.args, o, c.code, c.says)
		}
	}
}

// Flags may stand before and after the arguments.
func TestFlagsAnywhere(t *testing.T) {
	r := newRouter(t, "", empty)
	for _, args := range [][]string{{"check", r.config, "--json"}, {"check", "--json", r.config}, {"check", "--config", r.config}} {
		if o := bootlink(t, args...); o.code != exitDone || !strings.Contains(o.stdout, r.config+": good") {
			t.Errorf("bootlink %q: %s", args, o)
		}
	}
}

// A file that is damaged or from another version is never overwritten.
func TestDamagedState(t *testing.T) {
	r := newRouter(t, devices, whole)
	path := filepath.Join(r.runDir, "state.toml")
	if err := os.MkdirAll(r.runDir, 0o755); err != nil {
		t.Fatal(err)
	}
	same := r.unchanged()
	for text, want := range map[string]string{"{": "state file " + path + " is damaged", "version = 99": `has version "99"`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r.expect(r.run("apply"), exitFailed, want, "move it away")
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("the state file became %q", now)
		}
	}
	same()
}

// Two at once: one after the other, and the second finds nothing to do.
func TestTwoAtOnce(t *testing.T) {
	r := newRouter(t, devices, whole)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	outcomes := make(chan outcome)
	for range 4 {
		go func() {
			cmd := exec.CommandContext(ctx, binary, r.args("apply")...)
			out, err := cmd.CombinedOutput()
			outcomes <- outcome{cmd.ProcessState.ExitCode(), fmt.Sprint(err), string(out)}
		}()
	}
	for range 4 {
		if o := <-outcomes; o.code != exitDone {
			t.Error(o)
		}
	}
	single := newRouter(t, devices, whole)
	single.apply()
	if diff := lab.Diff(single.Picture(), r.Picture()); diff != "" {
		t.Errorf("four at once give another state than one:\n%s", diff)
	}
}
