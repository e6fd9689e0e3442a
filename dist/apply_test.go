package dist

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// systemd's bootlink-apply configures once and falls back to what was good before; it and
// bootlink.service exclude each other, and no preset of the system enables both.
func TestApplyOnce(t *testing.T) {
	for _, i := range inits(t) {
		if i.name != "systemd" {
			continue
		}
		i.files["etc/systemd/system-preset/50-bootlink.preset"] = unit(t, "systemd/50-bootlink.preset")
		b := newBox(t, build(t), i)
		b.must(os.Remove(filepath.Join(b.dir, "lab/gate")))
		b.eventually(i.up, func() bool { return b.succeeds(i.up) })
		b.run("systemctl preset bootlink bootlink-apply")
		if out, _ := b.command("systemctl is-enabled bootlink bootlink-apply").Output(); string(out) != "disabled\ndisabled\n" {
			t.Errorf("without anybody's wish they are %q", out)
		}

		b.run("systemctl enable bootlink-apply && systemctl start client && systemctl is-active bootlink-apply")
		if seen := b.run("cat /lab/seen"); !strings.Contains(seen, "192.168.10.1/24") {
			t.Errorf("what needs the network finds %q", seen)
		}
		b.write("etc/bootlink/router.toml", strings.Replace(router, "10.1", "11.1", 1))
		b.run("systemctl reload bootlink-apply && ip -br address show dev br-lan | grep 192.168.11.1/24")
		b.write("etc/bootlink/router.toml", "what")
		b.run("systemctl stop bootlink-apply && ip link del br-lan && systemctl start bootlink-apply && ip -br address show dev br-lan | grep 192.168.11.1/24")

		b.write("etc/bootlink/router.toml", router)
		b.run("systemctl start bootlink")
		stays(b, "with the other unit")
		b.run(`[ "$(systemctl is-active bootlink-apply)" = inactive ]`)
	}
}
