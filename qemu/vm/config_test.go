package vm

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is missing is an error that says which target makes it.
func TestMissingImage(t *testing.T) {
	for _, c := range []Config{{Kernel: "/no/such/kernel"}, {Archives: []string{"/no/such/archive"}}} {
		_, err := Start(t.Context(), c)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "/no/such/") || !strings.Contains(err.Error(), "run `make image`") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// A file that is no kernel never gets to the agent; Start ends with its context
// and leaves nothing behind.
func TestNoKernel(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, make([]byte, 4096), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := Start(ctx, Config{Name: "blank", Kernel: empty, Archives: []string{empty}})
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "guest blank") {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "bootlink-vm-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A guest that finds no free slot waits for one, and no longer than its context.
func TestSlots(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for range cap(slots) {
		slots <- struct{}{}
	}
	defer func() {
		for range cap(slots) {
			<-slots
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, Config{Kernel: empty, Archives: []string{empty}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one guest more than there are slots: %v", err)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		config Config
		words  string
	}{
		{Config{}, "console=ttyAMA0 panic=-1 quiet sysctl.kernel.modprobe=/bbin/modprobe"},
		{Config{Append: []string{"maxcpus=1"}}, "console=ttyAMA0 panic=-1 quiet sysctl.kernel.modprobe=/bbin/modprobe maxcpus=1"},
		{Config{Drop: []string{"sysctl.kernel.modprobe", "quiet"}}, "console=ttyAMA0 panic=-1"},
	} {
		if got := c.config.words(); got != c.words {
			t.Errorf("%+v: %q; want %q", c.config, got, c.words)
		}
	}
}

// cpio unpacks an overlay.
func TestOverlay(t *testing.T) {
	var archive bytes.Buffer
	err := overlay(&archive, map[string]File{
		"top":     {Content: "t"},
		"a/b/run": {Content: "#!/bin/sh\n", Mode: 0o755},
		"a/b/to":  {Content: "run", Mode: os.ModeSymlink},
		"a/plain": {Content: "text\n"},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command("cpio", "--extract", "--quiet", "--make-directories")
	cmd.Dir, cmd.Stdin = dir, &archive
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cpio (qemu/setup installs it): %v\n%s", err, out)
	}
	for name, want := range map[string]struct {
		mode    fs.FileMode
		content string
	}{
		"top": {0o644, "t"}, "a/b/run": {0o755, "#!/bin/sh\n"}, "a/plain": {0o644, "text\n"}, "a/b/to": {fs.ModeSymlink | 0o777, "#!/bin/sh\n"},
	} {
		info, err := os.Lstat(filepath.Join(dir, name))
		content, err2 := os.ReadFile(filepath.Join(dir, name))
		if errors.Join(err, err2) != nil || info.Mode() != want.mode || string(content) != want.content {
			t.Errorf("%s: %v, %q, %v", name, info, content, errors.Join(err, err2))
		}
	}
}

// The command line that a failure shows can be pasted into a shell.
func TestCommandLine(t *testing.T) {
	v := &VM{cfg: Config{Kernel: "/k", Append: []string{`word="two words"`, "it's=one"}}, dir: "/d"}
	out, err := exec.Command("sh", "-c", "printf '%s\\n' "+v.CommandLine()).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join(v.cfg.args(v.dir), "\n") + "\n"
	if string(out) != want {
		t.Errorf("a shell makes of it\n%s\nwant\n%s", out, want)
	}
}
