package qemu

import (
	"os"
	"strings"
	"testing"

	"bootlink/qemu/vm"
)

// busybox is another eye on the guest with 64 bits, for which there is no iproute2.
const busybox = "/bbin/busybox"

// TestVirt64 boots Debian's 64-bit kernel on QEMU's 64-bit machine. Bootlink has no
// router.toml there: it recognises the board, takes its default, and routes.
func TestVirt64(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("out/busybox64/bin/busybox")
	if err != nil {
		t.Fatalf("%v: run `make fetch`", err)
	}
	r := boot(t, vm.Config{
		Board: vm.Virt64, Kernel: "out/kernel64/vmlinuz", Archives: []string{"../build/image/arm64/router.cpio", "../build/image/arm64/test.cpio"},
		Files: map[string]vm.File{busybox[1:]: {Content: string(program), Mode: 0o755}},
	})
	until(t, "the board's default to be in force", func() bool {
		return r.Ended() || strings.Contains(r.Console(), "board/qemu-virt-arm64/router.toml is in force")
	})
	for _, c := range []struct {
		name  string
		check func(*testing.T, *router)
	}{
		{"board", board64}, {"forwards", forwards64}, {"addresses and routes", shown64}, {"second apply writes nothing", secondApply}, {"caps", caps64},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, r) })
	}
}

func board64(t *testing.T, r *router) {
	want(t, "the console", r.Console(), "there is no "+config+": taking the default of board qemu-virt-arm64")
	want(t, "board", r.run(t, bootlink, "board"), "qemu-virt-arm64 (QEMU virt machine, 64-bit ARM)", "linux,dummy-virt")
	want(t, "uname", r.run(t, busybox, "uname", "-m"), "aarch64")
}

func forwards64(t *testing.T, r *router) {
	ping(t, r.lan, wanHost, 1)
	ping(t, r.wan, lanHost, 2)
}

func shown64(t *testing.T, r *router) {
	want(t, "the addresses", r.run(t, busybox, "ip", "address"), "inet 192.168.10.1/24 ", "inet 203.0.113.2/30 ")
	want(t, "the routes", r.run(t, busybox, "ip", "route"), "default via 203.0.113.1 dev wan")
	want(t, "the bridge's port", r.run(t, busybox, "ip", "link", "show", "lan1"), "master br-lan", ",UP,LOWER_UP>")
}

func caps64(t *testing.T, r *router) { checkCaps(t, r, "qemu-virt-arm64") }
