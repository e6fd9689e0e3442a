package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bootlink/qemu/vm"
)

// patience is how long a change that nobody confirms is in force.
const patience = 4 * time.Second

// cutOff moves the router's address away from the LAN that it serves, as one
// does by mistake, and waits for it to come back by itself.
func cutOff(ctx context.Context, st *stage) error {
	const file = "/tmp/mistake.toml"
	root, err := vm.Root()
	if err != nil {
		return err
	}
	good, err := os.ReadFile(filepath.Join(root, "board/qemu-virt/router.toml"))
	if err != nil {
		return err
	}
	bad := strings.Replace(string(good), "192.168.10.1/24", "192.168.99.1/24", 1)
	if err := st.router.Push(ctx, file, []byte(bad), 0o644); err != nil {
		return err
	}
	router := lanHost.Gateways[0]
	if _, err := ping(ctx, st.lan, router, 3, 0, nil); err != nil {
		return fmt.Errorf("before the mistake: %w", err)
	}
	if err := st.show(ctx, 0, bootlink, "apply", "--config", file, "--confirm", patience.String()); err != nil {
		return err
	}
	start := time.Now()
	if _, err := ping(ctx, st.lan, router, 3, 1, nil); err == nil {
		return fmt.Errorf("%s still answers; the mistake is none", router)
	}
	st.text(fmt.Sprintf("ping  %-15s > %-15s  no answer", lanHost.Addrs[0].Addr(), router))
	for seq := uint16(2); ; seq++ {
		if _, err = ping(ctx, st.lan, router, 3, seq, nil); err == nil {
			break
		}
		if ctx.Err() != nil {
			return fmt.Errorf("it did not come back: %w", err)
		}
	}
	st.text(fmt.Sprintf("ping  %-15s > %-15s  answered again %.0f s after the mistake", lanHost.Addrs[0].Addr(), router, time.Since(start).Seconds()))
	var s state
	if err := st.ask(ctx, &s, "status"); err != nil {
		return err
	}
	if !s.Equal {
		return fmt.Errorf("afterwards status says: %s", strings.Join(s.Differs, "; "))
	}
	st.proved("nobody said bootlink confirm, and the network came back by itself")
	return nil
}
