package qemu

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// dkmsModule: Debian's dkms builds the module from what `make install-dkms` puts in place,
// and the kernel takes it.
func dkmsModule(t *testing.T, r *router) {
	dir := t.TempDir()
	output(t, "make", "-s", "-C", "..", "install-dkms", "DESTDIR="+dir, "PREFIX=/usr")
	release := strings.TrimSpace(output(t, "cat", "out/kernel/release"))
	headers, err := filepath.Abs("out/kernel/headers")
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(dir, "tree")
	if err := os.Mkdir(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	// dkms strips with the strip that it finds.
	bin := filepath.Join(dir, "bin")
	strip, err := exec.LookPath("arm-linux-gnueabihf-strip")
	if err == nil {
		err = os.Mkdir(bin, 0o755)
	}
	if err == nil {
		err = os.Symlink(strip, filepath.Join(bin, "strip"))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dkms", "build", "-m", "hellobye", "-v", "1.1", "-k", release, "-a", "armhf", "--dkmstree", tree,
		"--sourcetree", filepath.Join(dir, "usr/src"), "--installtree", filepath.Join(dir, "modules"), "--kernelsourcedir", headers)
	cmd.Env = append(os.Environ(), "ARCH=arm", "CROSS_COMPILE=arm-linux-gnueabihf-", "PATH="+bin+":"+os.Getenv("PATH")+":/usr/sbin")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("dkms build: %v\n%s", err, out)
	}
	module, err := os.ReadFile(filepath.Join(tree, "hellobye/1.1", release, "armhf/module/hellobye.ko"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.Push(ctx, "/tmp/hellobye.ko", module, 0o644); err != nil {
		t.Fatal(err)
	}
	r.run(t, "/bbin/insmod", "/tmp/hellobye.ko")
	want(t, "ping hello", r.run(t, bootlink, "ping", "hello", "--count", "1"), "1 packets transmitted, 1 received")
	r.run(t, "/bbin/rmmod", "hellobye")
}
