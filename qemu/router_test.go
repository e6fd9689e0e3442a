package qemu

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/host"
	"bootlink/qemu/vm"
)

// Where things are in the guest.
const (
	bootlink = "/bbin/bootlink"
	iproute2 = "/opt/iproute2/ip"
	config   = "/etc/bootlink/router.toml"
)

// The addresses of board/qemu-virt/router.toml, and of the hosts beside it.
var (
	lanHost, lanHost6 = netip.MustParseAddr("192.168.10.2"), netip.MustParseAddr("fd00:10::2")
	wanHost, wanHost6 = netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db8:1::1")
	lanRouter         = netip.MustParseAddr("192.168.10.1")
	routerWAN         = netip.MustParseAddr("203.0.113.2")
)

// bootTime bounds a boot; machines that run tests are slow and shared.
const bootTime = 3 * time.Minute

// A router is a guest with a host on its LAN and one on its WAN side.
type router struct {
	*vm.VM
	lan, wan *host.Host
}

// boot starts a router. After a failed test it shows what a person needs.
func boot(t *testing.T, c vm.Config) *router {
	t.Helper()
	dir, err := os.MkdirTemp("", "wires-") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := &router{}
	r.lan = newHost(t, filepath.Join(dir, "lan"), host.Config{Name: "lan host", MAC: "02:00:00:00:10:02",
		Addrs:    []netip.Prefix{netip.PrefixFrom(lanHost, 24), netip.PrefixFrom(lanHost6, 64)},
		Gateways: []netip.Addr{netip.MustParseAddr("192.168.10.1"), netip.MustParseAddr("fd00:10::1")}})
	r.wan = newHost(t, filepath.Join(dir, "wan"), host.Config{Name: "wan host", MAC: "02:00:00:00:71:01",
		Addrs:    []netip.Prefix{netip.PrefixFrom(wanHost, 30), netip.PrefixFrom(wanHost6, 64)},
		Gateways: []netip.Addr{netip.MustParseAddr("203.0.113.2"), netip.MustParseAddr("2001:db8:1::2")}})
	// The WAN side is plugged in first: names must not depend on the order.
	c.NICs = []vm.NIC{{MAC: "52:54:00:12:34:02", Socket: filepath.Join(dir, "wan")}, {MAC: "52:54:00:12:34:01", Socket: filepath.Join(dir, "lan")}}
	r.VM = start(t, c)
	return r
}

func newHost(t *testing.T, socket string, c host.Config) *host.Host {
	t.Helper()
	h, err := host.New(socket, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			savePcap(t, h)
		}
		h.Close()
	})
	return h
}

// savePcap leaves what crossed a host's wire in qemu/out/failed.
func savePcap(t *testing.T, h *host.Host) {
	name := strings.NewReplacer("/", "-", " ", "-").Replace(t.Name() + "-" + h.Name + ".pcap")
	path := filepath.Join("out", "failed", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Error(err)
		return
	}
	f, err := os.Create(path)
	if err != nil {
		t.Error(err)
		return
	}
	if err := errors.Join(h.WritePcap(f), f.Close()); err != nil {
		t.Error(err)
	}
	t.Logf("what crossed the wire of the %s: qemu/%s", h.Name, path)
}

func start(t *testing.T, c vm.Config) *vm.VM {
	t.Helper()
	if c.Name == "" {
		c.Name = t.Name()
	}
	ctx, cancel := context.WithTimeout(t.Context(), bootTime)
	defer cancel()
	v, err := vm.Start(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(v.Report())
		}
		v.Close()
	})
	return v
}

// try runs a command in the guest; an exit status is a result, not a failure.
func (r *router) try(t *testing.T, argv ...string) vm.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	result, err := r.Run(ctx, argv...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(argv, " "), err)
	}
	return result
}

// run runs a command that must succeed, and gives its standard output.
func (r *router) run(t *testing.T, argv ...string) string {
	t.Helper()
	result := r.try(t, argv...)
	if result.Code != 0 {
		t.Fatalf("%s: status %d\n%s%s", strings.Join(argv, " "), result.Code, result.Out, result.Err)
	}
	return result.Out
}

// until polls a condition: a guest that boots has no other way to say that it
// is done with something.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(bootTime); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited in vain for: %s", what)
}

// configured waits until `bootlink run`, which init has started, is done.
func (r *router) configured(t *testing.T) {
	t.Helper()
	until(t, "bootlink status says that the file is in force", func() bool {
		return strings.Contains(r.try(t, bootlink, "status").Out, config+": in force")
	})
}

// want fails the test unless text holds all of words.
func want(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

// ping sends echo requests until one is answered (neighbours have to be found
// first), and fails the test when none is.
func ping(t *testing.T, from *host.Host, to netip.Addr, id uint16) {
	t.Helper()
	var err error
	for seq := range uint16(30) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err = from.Ping(ctx, to, id, seq, []byte("are you there?"))
		cancel()
		if err == nil {
			return
		}
	}
	t.Error(err)
}
