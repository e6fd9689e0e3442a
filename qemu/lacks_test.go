package qemu

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/vm"
)

// withoutModule is a configuration that asks for no module and names the buses.
const withoutModule = `version = 1
[probe]
require = ["route"]
want    = ["hello", "bye"]
[link.wan]
match     = { mac = "52:54:00:12:34:02" }
addresses = ["203.0.113.2/30"]
[link.late]
match     = { mac = "52:54:00:12:34:99" }
addresses = ["192.0.2.1/24"]
`

// TestLacks boots a kernel that loads no modules by itself, with the module not
// loaded, and asks for things that are not there.
func TestLacks(t *testing.T) {
	t.Parallel()
	r := boot(t, vm.Config{
		Drop:   []string{"sysctl.kernel.modprobe"},
		Append: []string{"sysctl.kernel.modprobe=/none"},
		Files:  map[string]vm.File{"etc/bootlink/router.toml": {Content: withoutModule}},
	})
	until(t, "init's bootlink to go on without what is only wanted", func() bool {
		return strings.Contains(r.try(t, bootlink, "status").Out, "in force, 2 things wait for devices")
	})
	want(t, "run", ends(t, r.runs(t), 15).Err, "netlink bus 19 (hello) is wanted and missing, going on without", "load the hellobye module",
		"link late waits for a device with mac 52:54:00:12:34:99")
	for _, c := range []struct {
		name  string
		check func(*testing.T, *router)
	}{
		{"hello and bye", helloAbsent}, {"probe", probeAbsent}, {"awaited", awaited}, {"required bus", requiredBus},
		{"kind that is not there", kindAbsent}, {"module of another kernel", otherKernel}, {"module that is not installed", notInstalled},
		{"number that is taken", numberTaken},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, r) })
	}
}

func helloAbsent(t *testing.T, r *router) {
	for _, side := range []string{"hello", "bye"} {
		result := r.try(t, bootlink, side)
		if result.Code != 3 {
			t.Errorf("%s ends with %d; want 3", side, result.Code)
		}
		want(t, side, result.Err, "module hellobye", "not loaded", "modprobe hellobye")
	}
}

func probeAbsent(t *testing.T, r *router) {
	text := r.run(t, bootlink, "probe")
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, " hello ") || strings.Contains(line, " bye ") {
			want(t, "probe's line", line, "missing", "wanted", "hellobye")
		}
	}
	want(t, "probe", text, " 19  hello          missing", " 21  bye            missing")
}

// awaited: what can be configured is, and status says what is not.
func awaited(t *testing.T, r *router) {
	want(t, "status", r.run(t, bootlink, "status"), "waits for a device with mac 52:54:00:12:34:99", "203.0.113.2/30",
		"address 192.0.2.1/24 dev late waits for link late")
}

// apply puts a configuration into a file of its own and runs a command with it.
func (r *router) with(t *testing.T, text string, argv ...string) vm.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.Push(ctx, "/tmp/other.toml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return r.try(t, append([]string{bootlink}, append(argv, "--config", "/tmp/other.toml")...)...)
}

// unchanged runs f and fails the test if iproute2 then shows another network.
func (r *router) unchanged(t *testing.T, f func()) {
	t.Helper()
	picture := func() string {
		return r.run(t, iproute2, "-o", "address") + r.run(t, iproute2, "-o", "link") + r.run(t, iproute2, "route", "show", "table", "all")
	}
	until(t, "addresses to be past duplicate detection", func() bool {
		return !strings.Contains(r.run(t, iproute2, "-o", "address"), "tentative")
	})
	before := picture()
	f()
	if after := picture(); after != before {
		t.Errorf("the network was\n%s\nand is\n%s", before, after)
	}
}

func requiredBus(t *testing.T, r *router) {
	r.unchanged(t, func() {
		result := r.with(t, "version = 1\n[probe]\nrequire = [\"route\", \"rdma\"]\n[link.wan]\nmtu = 1400\n", "run")
		if result.Code != 3 {
			t.Errorf("run ends with %d; want 3", result.Code)
		}
		want(t, "run", result.Err, "/tmp/other.toml:3:", "netlink bus 20 (rdma) is required and missing")
	})
}

func kindAbsent(t *testing.T, r *router) {
	r.unchanged(t, func() {
		result := r.with(t, "version = 1\n[link.wan]\nmtu = 1400\n[link.br0]\nkind = \"bridge\"\n[link.\"wan.5\"]\nkind = \"vlan\"\nvlan = { link = \"wan\", id = 5 }\n", "apply")
		if result.Code != 3 {
			t.Errorf("apply ends with %d; want 3", result.Code)
		}
		want(t, "apply", result.Err, "/tmp/other.toml:4:", `link br0 needs kind bridge`, "CONFIG_BRIDGE", "module bridge",
			"/tmp/other.toml:6:", "CONFIG_VLAN_8021Q", "module 8021q")
	})
}

// moduleFile is hellobye.ko as it was built, and the release it is for.
func moduleFile(t *testing.T) (release string, module []byte) {
	t.Helper()
	root, err := vm.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "qemu/out/kernel/release"))
	if err != nil {
		t.Fatalf("%v: run `make fetch`", err)
	}
	release = strings.TrimSpace(string(text))
	if module, err = os.ReadFile(filepath.Join(root, "build/module", release, "hellobye.ko")); err != nil {
		t.Fatalf("%v: run `make module`", err)
	}
	return release, module
}

const hello = "version = 1\n[probe]\nrequire = [\"hello\"]\n[hello]\n"

func otherKernel(t *testing.T, r *router) {
	release, module := moduleFile(t)
	other := "5.4.0-99" + strings.Repeat("x", len(release)-8)
	// Where modules carry symbol versions the kernel does not look at the release
	// but at what follows it.
	changed := bytes.Replace(module, []byte("vermagic="+release+" SMP"), []byte("vermagic="+other+" UMP"), 1)
	if bytes.Equal(changed, module) {
		t.Fatal("the module has no vermagic of its release")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	path := fmt.Sprintf("/lib/modules/%s/extra/hellobye.ko", release)
	if err := r.Push(ctx, path, changed, 0o644); err != nil {
		t.Fatal(err)
	}
	defer r.Push(ctx, path, module, 0o644)
	result := r.with(t, hello, "run")
	if result.Code != 3 {
		t.Errorf("run ends with %d; want 3", result.Code)
	}
	want(t, "run", result.Err, "/tmp/other.toml:4:", "load module hellobye", "it was built for kernel "+other+", and this is "+release,
		"headers of the running kernel", "netlink bus 19 (hello) is required and missing")
}

func notInstalled(t *testing.T, r *router) {
	result := r.with(t, hello+"module = \"hellobye2\"\n", "run")
	if result.Code != 3 {
		t.Errorf("run ends with %d; want 3", result.Code)
	}
	want(t, "run", result.Err, "module hellobye2", "modules.dep does not list it", "run depmod")
}

// numberTaken: crypto_user owns 21; other numbers work beside it.
func numberTaken(t *testing.T, r *router) {
	r.run(t, "/bbin/modprobe", "crypto_user")
	result := r.with(t, "version = 1\n[probe]\nrequire = [\"bye\"]\n[hello]\n", "run")
	if result.Code != 3 {
		t.Errorf("run ends with %d; want 3", result.Code)
	}
	want(t, "run", result.Err, "load module hellobye", "netlink number 21 is taken, probably by crypto_user", "bye_proto = 22", "crypto_user", "netlink bus 21 (bye) is required and missing")
	want(t, "the kernel's log", r.run(t, "/bbin/dmesg"), "netlink protocol 21 is taken, probably by crypto_user: choose another with bye_proto=")
	if lsmod := r.run(t, "/bbin/lsmod"); strings.Contains(lsmod, "hellobye") {
		t.Errorf("a refused module stays:\n%s", lsmod)
	}
}

// TestPanic: a guest that panics ends every call, with its console to show for
// it.
func TestPanic(t *testing.T) {
	t.Parallel()
	r := boot(t, vm.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), bootTime)
	defer cancel()
	sleeper := make(chan error, 1)
	go func() {
		_, err := r.Run(ctx, "/bbin/sleep", "1000")
		sleeper <- err
	}()
	_, err := r.Run(ctx, "/bbin/gosh", "-c", "echo c > /proc/sysrq-trigger")
	if err == nil {
		err = r.Wait(ctx)
		if err != nil {
			t.Fatalf("the guest lives on after a crash: %v", err)
		}
	}
	err = <-sleeper
	if err == nil || ctx.Err() != nil {
		t.Fatalf("a call into a guest that panics gives %v", err)
	}
	want(t, "the error of a call that was waiting", err.Error(), "guest TestPanic: the guest has ended", "qemu-system-arm", "Kernel panic")
	if _, err := r.Run(ctx, "/bbin/uname"); err == nil {
		t.Error("a command runs in a guest that has ended")
	} else {
		want(t, "the error of a later call", err.Error(), "the guest has ended", "Kernel panic")
	}
}

// TestNoInit: a guest that never speaks is reported when the time is up.
func TestNoInit(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	v, err := vm.Start(ctx, vm.Config{Name: "mute", Append: []string{"rdinit=/bbin/sleep", "--", "1000"}})
	if err == nil {
		v.Close()
		t.Fatal("a guest without an init is taken for booted")
	}
	want(t, "the error", err.Error(), "guest mute", "qemu-system-arm")
}
