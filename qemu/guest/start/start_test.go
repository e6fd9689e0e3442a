package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// stage tells a copy of the test binary to be the process that detaches.
const stage = "START_TEST_COMMAND"

func TestMain(m *testing.M) {
	if command := os.Getenv(stage); command != "" {
		if err := detach("sh", "-c", command); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// openTerminal returns both ends of a new pseudo terminal.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

// The process that detaches leads a session with a terminal, as init has it.
// What it starts outlives it, in another session and without a terminal, and
// its output comes through.
func TestDetachLeavesTheTerminal(t *testing.T) {
	_, slave := openTerminal(t)
	fifo := filepath.Join(t.TempDir(), "go-on")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), stage+"=read x <"+fifo+"; cut -d' ' -f6,7 /proc/$$/stat; readlink /proc/$$/fd/0; echo $$")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, w, w
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := os.WriteFile(fifo, []byte("now\n"), 0); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || lines[0] != lines[2]+" 0" || lines[1] != "/dev/null" {
		t.Errorf("session and terminal, input, process: %q", lines)
	}
}

func TestDetachNamesWhatItCannotStart(t *testing.T) {
	err := detach("/no/such")
	if err == nil || !strings.Contains(err.Error(), "/no/such: no such file or directory") {
		t.Error(err)
	}
}
