package qemu

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/qemu/vm"
	"bootlink/rtcfg/lab"
)

// TestRootPage: the commands of docs/u-root.md make an image that boots, configured.
func TestRootPage(t *testing.T) {
	t.Parallel()
	root, err := vm.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	uroot := strings.TrimSpace(output(t, "go", "tool", "-n", "u-root"))
	if err := os.Symlink(uroot, filepath.Join(bin, "u-root")); err != nil {
		t.Fatal(err)
	}
	output(t, "go", "build", "-o", filepath.Join(bin, "bootlink"), "bootlink/cmd/bootlink")
	lab.ReadPage(t, contentPage, "console").Check(t, false, func(c lab.Command) string {
		command := c.Text
		cmd := exec.Command("bash", "-c", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "BOOTLINK="+root, "PATH="+bin+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s%v\n%s", command, err, out)
		}
		return string(out)
	})
	r := boot(t, vm.Config{Archives: []string{filepath.Join(dir, "router.cpio"), filepath.Join(root, "build/image/test.cpio")}})
	until(t, "the file to be in force", func() bool {
		return strings.Contains(r.try(t, "/bbin/bootlink", "plan").Out, "nothing to do")
	})
	ping(t, r.wan, routerWAN, 5)
}
