package qemu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/vm"

	"github.com/u-root/u-root/pkg/uflag"
)

// Where the disk is mounted, and what bootlink finds on it.
const (
	disk       = "/disk"
	diskConfig = disk + "/router.toml"
	diskLib    = disk + "/lib"
)

// diskModules bring /dev/vda and its file system, in the order in which they are loaded.
var diskModules = []string{"drivers/block/virtio_blk.ko", "lib/crc16.ko", "fs/mbcache.ko", "fs/jbd2/jbd2.ko", "fs/ext4/ext4.ko"}

// TestPowerCuts: whenever the power goes while the configuration is being replaced and
// applied, the router comes back with the old one or the new one, whole.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	cuts := 3
	if *full {
		cuts = 20
	}
	files, image := diskFiles(t), newDisk(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	seen := map[string]int{}
	for n := range cuts {
		r := boot(t, vm.Config{Disk: image, Files: files, Name: fmt.Sprintf("power cut %d", n)})
		seen[r.whole(t)]++
		if t.Failed() {
			return
		}
		life := 200*time.Millisecond + time.Duration(random.Int64N(int64(4*time.Second)))
		if _, err := r.Begin(t.Context(), "/bbin/gosh", "/etc/replace.sh"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(life)
		r.Close() // kills QEMU: what the guest has not synced is gone
	}
	seen[boot(t, vm.Config{Disk: image, Files: files, Name: "after the last cut"}).whole(t)]++
	t.Logf("came back with %v", seen)
}

// newDisk makes an ext4 file system with the first configuration on it.
func newDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	content, image := filepath.Join(dir, "content"), filepath.Join(dir, "disk")
	for _, folder := range []string{content, filepath.Join(content, "lib")} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(content, "router.toml"), []byte(variant("a")), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("/sbin/mke2fs", "-q", "-t", "ext4", "-d", content, image, "32M").CombinedOutput(); err != nil {
		t.Fatalf("mke2fs: %v\n%s", err, out)
	}
	return image
}

// variants tell two configurations apart: each has a hundred routes of its own, and
// another address on the WAN side.
var variants = map[string]struct{ wan, net string }{"a": {"203.0.113.2/30", "10.1"}, "b": {"203.0.113.2/29", "10.2"}}

const variantRoutes = 100

func variant(name string) string {
	v := variants[name]
	var b strings.Builder
	fmt.Fprintf(&b, "version = 1\n[link.lan1]\nmatch = { mac = \"52:54:00:12:34:01\" }\nmaster = \"br-lan\"\n[link.br-lan]\nkind = \"bridge\"\naddresses = [\"192.168.10.1/24\"]\n"+
		"[link.wan]\nmatch = { mac = \"52:54:00:12:34:02\" }\naddresses = [%q]\n", v.wan)
	for i := range variantRoutes {
		fmt.Fprintf(&b, "[[route]]\nto = \"%s.%d.0/24\"\ntype = \"blackhole\"\n", v.net, i)
	}
	return b.String()
}

// diskFiles are what an image has that keeps its configuration on a disk.
func diskFiles(t *testing.T) map[string]vm.File {
	t.Helper()
	files := map[string]vm.File{
		"disk/.keep":      {},
		"etc/a.toml":      {Content: variant("a")},
		"etc/b.toml":      {Content: variant("b")},
		"etc/replace.sh":  {Content: replaceScript},
		"etc/uinit.flags": {Content: uflag.ArgvToFile([]string{"gosh", "/etc/boot.sh"})},
	}
	script := ""
	for _, module := range diskModules {
		content, err := os.ReadFile(filepath.Join("out/kernel/modules/kernel", module))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join("disk-modules", filepath.Base(module))
		files[name] = vm.File{Content: string(content)}
		script += "insmod /" + name + "\n"
	}
	files["etc/boot.sh"] = vm.File{Content: script + "mount -t ext4 /dev/vda " + disk + "\nbootlink run --config " + diskConfig + " --state-dir " + diskLib + "\n"}
	return files
}

// replaceScript replaces the file in each of the ways that people have, and has it applied.
const replaceScript = `
while true; do
	cp /etc/b.toml ` + disk + `/new.toml && sync && mv ` + disk + `/new.toml ` + diskConfig + `
	bootlink reload
	cp /etc/a.toml ` + diskConfig + `
	bootlink reload
	cp /etc/b.toml ` + diskConfig + `
	bootlink apply --config ` + diskConfig + ` --state-dir ` + diskLib + ` --confirm 60s
	sleep 0.3
	bootlink confirm --state-dir ` + diskLib + `
	cp /etc/a.toml ` + disk + `/new.toml && mv ` + disk + `/new.toml ` + diskConfig + `
	bootlink reload
done
`

// whole waits until the router is configured, and tells which of the two
// configurations it has: all of it, and nothing of the other.
func (r *router) whole(t *testing.T) (name string) {
	t.Helper()
	until(t, "bootlink run says what is in force", func() bool { return strings.Contains(r.Console(), "is in force: ") })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for seq := uint16(0); ; seq++ {
		short, stop := context.WithTimeout(ctx, 2*time.Second)
		_, err := r.lan.Ping(short, lanRouter, 1, seq, []byte("are you there?"))
		stop()
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Errorf("it does not answer on the LAN: %v", err)
			return ""
		}
	}
	routes, addresses := r.run(t, iproute2, "route"), r.run(t, iproute2, "-o", "address")
	for candidate, v := range variants {
		if strings.Count(routes, "blackhole "+v.net+".") == variantRoutes && strings.Contains(addresses, " "+v.wan+" ") {
			name = candidate
		}
	}
	if name == "" || strings.Count(routes, "blackhole ") != variantRoutes {
		t.Errorf("it has neither configuration, or parts of both:\n%s\n%s", addresses, routes)
	}
	if _, why, other := strings.Cut(r.Console(), "IN FORCE IS the last good configuration, "+diskLib+"/last-good.toml, because: "); other {
		why, _, _ = strings.Cut(why, "\n")
		return name + " for " + why
	}
	return name + " of the file"
}
