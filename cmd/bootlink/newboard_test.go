package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// acmeTree is the device tree of a router with a switch, as /proc/device-tree shows it.
var acmeTree = map[string]string{
	"compatible": "acme,router-9\x00acme,soc\x00", "model": "Acme Router 9 \"Pro\"\x00",
	"soc/ethernet@30000/compatible": "acme,mac\x00", "soc/ethernet@30000/phandle": "\x00\x00\x01\x00", "soc/ethernet@30000/status": "okay\x00",
	"soc/ethernet@34000/compatible": "acme,mac\x00", "soc/ethernet@34000/phandle": "\x00\x00\x00\x07",
	"soc/ethernet@70000/compatible": "acme,mac\x00", "soc/ethernet@70000/status": "disabled\x00",
	"soc/mdio@1/switch@2/ports/port@0/label": "lan1\x00", "soc/mdio@1/switch@2/ports/port@1/label": "lan2\x00",
	"soc/mdio@1/switch@2/ports/port@5/label": "cpu\x00", "soc/mdio@1/switch@2/ports/port@5/ethernet": "\x00\x00\x01\x00",
	"soc/gpio/ports/port@0/compatible": "acme,gpio\x00", "leds/led@1/label": "green\x00",
}

// plant makes a device tree.
func plant(t *testing.T, nodes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range nodes {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestNewBoard does what docs/new-board.md says, command by command, in a copy of the
// repository, where bootlink is shown another device tree than this machine's.
func TestNewBoard(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/new-board.md")
	if err != nil {
		t.Fatal(err)
	}
	tree, work := plant(t, acmeTree), repository(t)
	lines := strings.Split(string(page), "\n")
	commands := 0
	for i, line := range lines {
		command, is := strings.CutPrefix(line, "    $ ")
		if !is {
			continue
		}
		commands++
		shell := command
		if strings.Contains(command, "bootlink board") {
			shell += " --device-tree " + tree
		}
		cmd := exec.Command("sh", "-ec", shell)
		cmd.Dir = work
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if shown := strings.TrimPrefix(lines[i+1], "    "); shown != lines[i+1] && !strings.HasPrefix(shown, "$ ") {
			if strings.TrimSpace(string(out)) != shown {
				t.Errorf("%s prints\n%s\nthe page says\n%s", command, out, shown)
			}
		} else if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		if command == "./bootlink board" {
			want := "board       acme-router-9 (Acme Router 9 \"Pro\")\nbecause     the device tree says acme,router-9\ncompatible  acme,router-9\n" +
				"port        lan1   lan  lan1   eth0\nport        lan2   lan  lan2   eth0\nport        eth1   wan  eth1   \n"
			if string(out) != want {
				t.Errorf("the new board's binary says\n%s\nwant\n%s", out, want)
			}
		}
	}
	if commands < 8 {
		t.Errorf("the page has %d commands", commands)
	}
	if o := bootlink(t, "board", "--device-tree", tree, "--new", filepath.Join(work, "board/acme-router-9")); o.code != exitFailed || !strings.Contains(o.stderr, "is there: name another") {
		t.Errorf("a folder that is there: %s", o)
	}
}

// repository copies what the binary is made of.
func repository(t *testing.T) string {
	t.Helper()
	work := t.TempDir()
	for _, folder := range []string{"board", "cmd", "kmod", "nlcore", "rtcfg"} {
		if err := os.CopyFS(filepath.Join(work, folder), os.DirFS(filepath.Join("../..", folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("../..", file))
		if err == nil {
			err = os.WriteFile(filepath.Join(work, file), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return work
}
