package qemu

import (
	"context"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/host"
	"bootlink/qemu/vm"
)

// A model is a board as QEMU models it.
type model struct {
	name, console string
	memory        int
	words         []string // QEMU's, for the machine
	nic           []string // for its port
	quick         bool     // it boots with each `make test`
}

// models are the boards that QEMU has. One processor each: more cost time on hosts with few.
var models = []model{
	{name: "mcimx6ul-evk", console: "ttymxc0,115200", memory: 512, words: []string{"-M", "mcimx6ul-evk"}, nic: []string{"-net", "nic", "-net", "nic,netdev=NETDEV"}},
	{name: "sabrelite", console: "ttymxc0,115200", memory: 512, words: []string{"-M", "sabrelite", "-smp", "1"}, nic: vm.Onboard, quick: true},
	{name: "cubieboard", console: "ttyS0,115200", memory: 512, words: []string{"-M", "cubieboard"}, nic: vm.Onboard},
	{name: "orangepi-pc", console: "ttyS0,115200", memory: 1024, words: []string{"-M", "orangepi-pc"}, nic: vm.Onboard},
	{name: "vexpress-a15", console: "ttyAMA0", memory: 512, words: []string{"-M", "vexpress-a15", "-audiodev", "none,id=none"}, nic: vm.Onboard},
	{name: "raspi2b", console: "ttyAMA0,115200", memory: 1024, words: []string{"-M", "raspi2b"},
		nic: []string{"-device", "usb-hub,port=1", "-device", "usb-net,netdev=NETDEV,port=1.1,mac=52:54:00:12:34:56"}},
}

var allModels = flag.Bool("boards", false, "boot all boards that QEMU models, not only the quick ones")

// TestModels boots Debian's kernel with its device tree of a board, and one image for
// all. Bootlink recognises the board, takes its default, and answers on its LAN port.
func TestModels(t *testing.T) {
	for _, m := range models {
		if m.quick || *allModels {
			t.Run(m.name, m.boots)
		}
	}
}

func (m model) boots(t *testing.T) {
	t.Parallel()
	began := time.Now()
	dir, err := os.MkdirTemp("", "wires-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	lan := newHost(t, filepath.Join(dir, "lan"), host.Config{Name: "lan host", MAC: "02:00:00:00:10:02", Addrs: []netip.Prefix{netip.PrefixFrom(lanHost, 24)}})
	tree := treeFile(t, readBoard(t, m.name).DTB[0])
	v := start(t, vm.Config{
		Board: vm.Model("qemu-system-arm", m.words, m.console, tree, m.nic...), Memory: m.memory, Append: []string{"maxcpus=1"},
		Archives: []string{"../build/image/boards.cpio"}, NICs: []vm.NIC{{Socket: filepath.Join(dir, "lan")}},
	})
	until(t, "the board to be recognised", func() bool { return v.Ended() || strings.Contains(v.Console(), "board       "+m.name+" (") })
	until(t, "the board's default to be in force", func() bool {
		return v.Ended() || strings.Contains(v.Console(), "board/"+m.name+"/router.toml is in force")
	})
	want(t, "the console", v.Console(), "there is no "+config+": taking the default of board "+m.name)
	answers(t, lan)
	t.Logf("answers after %s", time.Since(began).Round(100*time.Millisecond))
}

// answers waits until the router answers a ping: its port appears when its driver has
// found all that it hangs on.
func answers(t *testing.T, from *host.Host) {
	t.Helper()
	seq := uint16(0)
	until(t, "an answer from "+lanRouter.String(), func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		seq++
		_, err := from.Ping(ctx, lanRouter, 7, seq, []byte("are you there?"))
		return err == nil
	})
}
