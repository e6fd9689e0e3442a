package qemu

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/guest/wire"
	"bootlink/qemu/vm"

	"github.com/u-root/u-root/pkg/uflag"
)

// TestBare boots the image with bootlink not started by init.
func TestBare(t *testing.T) {
	t.Parallel()
	r := boot(t, vm.Config{Files: map[string]vm.File{
		"etc/uinit.flags": {Content: uflag.ArgvToFile([]string{"bootlink", "version"})},
	}})
	for _, c := range []struct {
		name  string
		check func(*testing.T, *router)
	}{
		{"kinds load their modules", autoload}, {"devices load their modules", bootModules}, {"a command that hangs", hungCommand},
		{"the module as dkms builds it", dkmsModule},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, r) })
	}
}

// autoload: the kernel calls our modprobe for a link kind that it lacks, which
// brings the module and what that depends on.
func autoload(t *testing.T, r *router) {
	for _, c := range []struct {
		module string
		args   string
		brings []string
	}{
		{"bridge", "link add br0 type bridge", []string{"stp", "llc"}},
		{"8021q", "link add link eth0 name eth0.7 type vlan id 7", []string{"garp", "mrp"}},
		{"veth", "link add v0 type veth peer name v1", nil},
		{"dummy", "link add d0 type dummy", nil},
	} {
		if before := modules(t, r); before[c.module] {
			t.Errorf("%s is loaded before it is asked for", c.module)
		}
		r.run(t, append([]string{iproute2}, strings.Fields(c.args)...)...)
		after := modules(t, r)
		for _, name := range append(c.brings, c.module) {
			if !after[name] {
				t.Errorf("ip %s: module %s is not loaded", c.args, name)
			}
		}
	}
	if result := r.try(t, iproute2, "link", "add", "x0", "type", "nosuchkind"); result.Code == 0 {
		t.Error("a link of a kind that does not exist was made")
	}
}

func modules(t *testing.T, r *router) map[string]bool {
	t.Helper()
	loaded := map[string]bool{}
	for line := range strings.Lines(r.run(t, "/bbin/cat", "/proc/modules")) {
		name, _, _ := strings.Cut(line, " ")
		loaded[name] = true
	}
	return loaded
}

func bootModules(t *testing.T, r *router) {
	loaded := modules(t, r)
	for _, name := range []string{"virtio_mmio", "virtio_net", "virtio_console"} {
		if !loaded[name] {
			t.Errorf("%s is not loaded", name)
		}
	}
}

// hungCommand: a command that does not end is killed in the guest when its time
// is up, what it has printed comes back, and the guest can be used again.
func hungCommand(t *testing.T, r *router) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	result, err := r.Run(ctx, "/bbin/gosh", "-c", "echo before; sleep 1000; echo after")
	if err != nil || result.Code != wire.TimedOut || result.Out != "before\n" {
		t.Errorf("a command that hangs gives %+v, %v", result, err)
	}
	if left := r.run(t, "/bbin/ps", "-e"); strings.Contains(left, "sleep") {
		t.Errorf("it goes on in the guest:\n%s", left)
	}
}

// TestEndsBeforeItIsUp: a kernel that finds nothing to start panics, which ends
// QEMU; the error comes at once and shows why.
func TestEndsBeforeItIsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), bootTime)
	defer cancel()
	v, err := vm.Start(ctx, vm.Config{Name: "stillborn", Append: []string{"rdinit=/no/such/init"}})
	if err == nil {
		v.Close()
		t.Fatal("a guest that panics is taken for booted")
	}
	if ctx.Err() != nil {
		t.Error("the end was noticed only when the time was up")
	}
	want(t, "the error", err.Error(), "guest stillborn", "ended", "qemu-system-arm", "Kernel panic")
}

// TestImageIsReproducible builds the image once with what the cache has and
// once from nothing: the bytes are the same.
func TestImageIsReproducible(t *testing.T) {
	t.Parallel()
	warm, cold := t.TempDir(), t.TempDir()
	mkimage(t, "-out", warm)
	mkimage(t, "-out", cold, "-cache", filepath.Join(cold, "cache"))
	for _, name := range []string{"router.cpio", "test.cpio"} {
		if a, b := sum(t, filepath.Join(warm, name)), sum(t, filepath.Join(cold, name)); a != b {
			t.Errorf("%s differs from one build to the next", name)
		}
	}
}

func mkimage(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "./mkimage", "-test"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mkimage: %v: run `make image`\n%s", err, out)
	}
}

func sum(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil && len(content) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return sha256.Sum256(content)
}
