package buildroot

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// unpack makes a release and gives the folder that is in it.
func unpack(t *testing.T, version string) ([]byte, string) {
	t.Helper()
	file := "../build/bootlink-" + version + ".tar.gz"
	dist := exec.Command("make", "-s", "dist", "VERSION="+version)
	dist.Dir = ".."
	if out, err := dist.CombinedOutput(); err != nil {
		t.Fatalf("make dist: %v\n%s", err, out)
	}
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.Remove(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command("tar", "-xz", "-C", dir)
	cmd.Stdin = bytes.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	return text, filepath.Join(dir, "bootlink-"+version)
}

// A release is the same whenever it is made, names nobody, and builds for every ARM
// with what Buildroot calls Go with, without network.
func TestRelease(t *testing.T) {
	const version = "0.0.test" // beside that of `make dist`
	text, folder := unpack(t, version)
	if again, _ := unpack(t, version); !bytes.Equal(text, again) {
		t.Error("two runs of make dist made two different files")
	}
	names(t, text, "bootlink-"+version+"/")

	options := []string{
		"-gcflags=all=-l " + makes(t, "value-BOOTLINK_SMALL") + " -d=ssa/loop_rotate/off", "-gcflags=bootlink/nlcore=" + makes(t, "value-BOOTLINK_SMALL"),
		"-ldflags", makes(t, "value-BOOTLINK_LDFLAGS"), "-modcacherw", "-tags", "", "-trimpath", "-p", "2", "-buildvcs=false",
	}
	if opts := makes(t, "value-BOOTLINK_BUILD_OPTS"); opts != strings.ReplaceAll("-gcflags='"+options[0][len("-gcflags="):]+"' "+options[1], "\n", " ") {
		t.Errorf("the package builds with %s", opts)
	}
	for _, arm := range []string{"5", "6", "7", "7,softfloat"} {
		file := filepath.Join(t.TempDir(), "bootlink")
		goBuild(t, folder, append(options, "-o", file, "bootlink/cmd/bootlink"), "GOOS=linux", "GOARCH=arm", "GOARM="+arm)
		static(t, file)
		if arm == "5" || arm == "7,softfloat" { // QEMU's user mode has no netlink to speak of, and check needs none
			config := exec.Command("qemu-arm-static", file, "check", "../board/qemu-virt/router.toml")
			if out, err := config.CombinedOutput(); err != nil {
				t.Errorf("GOARM=%s: %v\n%s", arm, err, out)
			}
		}
	}
	for _, target := range strings.Fields(makes(t, "value-HOST_BOOTLINK_BUILD_TARGETS")) {
		goBuild(t, folder, []string{"-trimpath", "-buildvcs=false", "-o", filepath.Join(t.TempDir(), "x"), "bootlink/" + target})
	}
}

// goBuild builds as Buildroot does.
func goBuild(t *testing.T, folder string, words []string, env ...string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"build"}, words...)...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GO111MODULE=on", "GOFLAGS=-mod=vendor", "GOPROXY=off", "GOTOOLCHAIN=local", "GOMODCACHE="+t.TempDir(), "GOBIN=", "CGO_ENABLED=0")
	cmd.Env = append(cmd.Env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %v with %v: %v\n%s", words, env, err, out)
	}
}

// static fails where a binary wants a loader: whatever the toolchain is, it runs.
func static(t *testing.T, file string) {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Errorf("%s is not static", file)
		}
	}
}

// names looks at the archive itself: one folder, nobody's name, no odd modes.
func names(t *testing.T, text []byte, folder string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		has[strings.TrimPrefix(h.Name, folder)] = true
		if mode := h.Mode & 0o777; !strings.HasPrefix(h.Name, folder) || h.Uid+h.Gid != 0 || h.Uname+h.Gname != "" || mode != 0o644 && mode != 0o755 {
			t.Errorf("%s: mode %o, owner %d %q", h.Name, mode, h.Uid, h.Uname)
		}
	}
	for _, want := range []string{"vendor/modules.txt", "go.mod", "LICENSE", "buildroot/external.desc", "kmod/src/COPYING", "dist/systemd/bootlink.service"} {
		if !has[want] {
			t.Errorf("the release has no %s", want)
		}
	}
}
