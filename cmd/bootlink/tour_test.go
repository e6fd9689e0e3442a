package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

// sandbox is where a page's commands run: a network namespace, with folders of its own in
// the places where bootlink keeps things.
const sandbox = `mount --bind "$1/run" /run/bootlink && mount --bind "$1/lib" /var/lib/bootlink && cd "$1/home" && exec bash -c "$2"`

// TestTour: docs/tour.md shows what its commands print (UPDATE=1 writes it).
func TestTour(t *testing.T) {
	ns, dir := lab.New(t), t.TempDir()
	for _, name := range []string{"run", "lib", "home", "bin"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(binary, filepath.Join(dir, "bin/bootlink")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/run/bootlink", "/var/lib/bootlink"} {
		if err := os.MkdirAll(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	lab.ReadPage(t, "../../docs/tour.md", "console").Check(t, os.Getenv("UPDATE") != "", func(c lab.Command) string {
		out, err := os.Create(filepath.Join(dir, "output")) // no pipe, which a background job would hold
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		cmd := exec.Command("ip", "netns", "exec", ns.Name, "sh", "-c", sandbox, "-", dir, c.Text)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "LC_ALL=C")
		cmd.Stdout, cmd.Stderr = out, out
		err = cmd.Run()
		text, rerr := os.ReadFile(out.Name())
		if rerr != nil {
			t.Fatal(rerr)
		}
		if code := cmd.ProcessState.ExitCode(); err != nil {
			text = append(text, fmt.Sprintf("[status %d]\n", code)...)
		}
		return strings.ReplaceAll(string(text), dir, "")
	})
}
