package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bootlink/rtcfg/lab"
)

// A cook is a shell in a network namespace of its own, as a person has it after
// `unshare --net --mount --pid bash`: the commands of a recipe go to it one after the
// other, and what they have started ends with it.
type cook struct {
	dir    string
	cmd    *exec.Cmd
	input  io.WriteCloser
	status *bufio.Scanner // a line when a command has ended
	output *os.File       // no pipe, which a background job would hold
}

// kitchen makes the places where bootlink and ip keep things the shell's own, and then
// reads commands. Each is a file, so that none of them can read the next as its input.
const kitchen = `mount --make-rprivate / && mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run && mkdir -p /run/netns &&
mount --bind "$1/lib" /var/lib/bootlink && ip link set lo up && cd "$1/home" || exit
while read -r file; do . "$file" </dev/null 3>&-; echo $? >&3; done`

func newCook(t *testing.T) *cook {
	t.Helper()
	c := &cook{dir: t.TempDir()}
	for _, name := range []string{"lib", "home", "bin"} {
		if err := os.Mkdir(filepath.Join(c.dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(binary, filepath.Join(c.dir, "bin/bootlink")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("/var/lib/bootlink", 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if c.output, err = os.Create(filepath.Join(c.dir, "output")); err != nil {
		t.Fatal(err)
	}
	ended, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.status = bufio.NewScanner(ended)
	c.cmd = exec.Command("bash", "-c", kitchen, "cook", c.dir)
	c.cmd.Env = append(os.Environ(), "PATH="+filepath.Join(c.dir, "bin")+":"+os.Getenv("PATH")+":/usr/sbin:/sbin", "LC_ALL=C")
	c.cmd.Stdout, c.cmd.Stderr, c.cmd.ExtraFiles = c.output, c.output, []*os.File{end}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	if c.input, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end.Close()
	t.Cleanup(func() {
		c.input.Close()
		c.cmd.Wait() // the status is the last command's
		ended.Close()
		c.output.Close()
	})
	return c
}

// run gives what a command prints, and its status if that is not 0.
func (c *cook) run(t *testing.T, command string) string {
	t.Helper()
	file := filepath.Join(c.dir, "command")
	if err := os.WriteFile(file, []byte(command), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.output.Truncate(0); err != nil {
		t.Fatal(err)
	}
	if _, err := c.output.Seek(0, io.SeekStart); err != nil { // the shell's, too
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(c.input, file); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { c.cmd.Process.Kill() }) // and with it all that it has started
	ended := c.status.Scan()
	late.Stop()
	text, err := os.ReadFile(c.output.Name())
	if err != nil {
		t.Fatal(err)
	}
	if !ended {
		t.Fatalf("the shell is gone, or has waited for a minute, at $ %s%s", command, text)
	}
	if status := c.status.Text(); status != "0" {
		text = append(text, "[status "+status+"]\n"...)
	}
	return strings.ReplaceAll(string(text), c.dir, "")
}

// TestCookbook: docs/cookbook.md shows what its commands print (UPDATE=1 writes it). Each
// recipe begins with an empty namespace.
func TestCookbook(t *testing.T) {
	t.Parallel()
	recipe := ""
	var c *cook
	lab.ReadPage(t, "../../docs/cookbook.md", "console").Check(t, os.Getenv("UPDATE") != "", func(command lab.Command) string {
		if command.Section != recipe {
			c, recipe = newCook(t), command.Section
		}
		return c.run(t, command.Text)
	})
}
