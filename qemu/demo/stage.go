package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bootlink/qemu/host"
	"bootlink/qemu/vm"

	"github.com/u-root/u-root/pkg/uflag"
)

const bootlink = "bootlink"

// The hosts' addresses fit board/qemu-virt/router.toml.
var (
	lanHost = host.Config{Name: "lan host", MAC: "02:00:00:00:10:02",
		Addrs:    prefixes("192.168.10.2/24", "fd00:10::2/64"),
		Gateways: addrs("192.168.10.1", "fd00:10::1")}
	wanHost = host.Config{Name: "wan host", MAC: "02:00:00:00:71:01",
		Addrs:    prefixes("203.0.113.1/30", "2001:db8:1::1/64"),
		Gateways: addrs("203.0.113.2", "2001:db8:1::2")}
)

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return list
}

func addrs(texts ...string) (list []netip.Addr) {
	for _, t := range texts {
		list = append(list, netip.MustParseAddr(t))
	}
	return list
}

// stage is a booted router between two hosts, and what the acts leave to those
// after them.
type stage struct {
	*screen
	dir      string
	lan, wan *host.Host
	router   *vm.VM
	console  *console // nil without -interactive
	bootTime time.Duration
	planned  int // steps of the first plan
}

// raise starts the hosts and boots the router. Init starts `bootlink plan` for
// the product's `bootlink run`, so that the bare kernel can be seen first.
func raise(ctx context.Context, s *screen, interactive bool) (st *stage, err error) {
	st = &stage{screen: s}
	defer func() {
		if err != nil {
			st.close()
		}
	}()
	if st.dir, err = os.MkdirTemp("", "demo-"); err != nil {
		return st, err
	}
	lan, wan := filepath.Join(st.dir, "lan"), filepath.Join(st.dir, "wan")
	if st.lan, err = host.New(lan, lanHost); err != nil {
		return st, err
	}
	if st.wan, err = host.New(wan, wanHost); err != nil {
		return st, err
	}
	c := vm.Config{
		Name:  "router",
		Files: map[string]vm.File{"etc/uinit.flags": {Content: uflag.ArgvToFile([]string{bootlink, "plan"})}},
		NICs:  []vm.NIC{{MAC: "52:54:00:12:34:01", Socket: lan}, {MAC: "52:54:00:12:34:02", Socket: wan}},
	}
	if interactive {
		if st.console, err = newConsole(); err != nil {
			return st, err
		}
		c.Console, c.Input = st.console, st.console.in
	}
	start := time.Now()
	st.router, err = vm.Start(ctx, c)
	st.bootTime = time.Since(start)
	return st, err
}

func (st *stage) close() {
	if st.router != nil {
		st.router.Close()
	}
	for _, h := range []*host.Host{st.lan, st.wan} {
		if h != nil {
			h.Close()
		}
	}
	os.RemoveAll(st.dir)
}

// output runs a command in the router and gives its standard output. Another
// exit status than code is an error.
func (st *stage) output(ctx context.Context, code int, argv ...string) (string, error) {
	r, err := st.router.Run(ctx, argv...)
	if err == nil && r.Code != code {
		err = fmt.Errorf("%s: exit status %d, want %d: %s", strings.Join(argv, " "), r.Code, code, strings.TrimSpace(r.Err))
	}
	return r.Out, err
}

// show runs a command and shows it with what it prints.
func (st *stage) show(ctx context.Context, code int, argv ...string) error {
	st.command(argv...)
	out, err := st.output(ctx, code, argv...)
	st.text(out)
	return err
}

// ask runs a bootlink command with --json and decodes what it prints.
func (st *stage) ask(ctx context.Context, into any, argv ...string) error {
	argv = append(append([]string{bootlink}, argv...), "--json")
	out, err := st.output(ctx, 0, argv...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	return nil
}
