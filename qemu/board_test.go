package qemu

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/u-root/u-root/pkg/dt"
)

// allBoards builds bootlink for this machine, with all boards.
func allBoards(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "bootlink")
	output(t, "go", "build", "-C", "..", "-tags", "board_all", "-o", program, "./cmd/bootlink")
	return program
}

// TestRecognise: bootlink recognises each board by the device trees that its board.toml
// names, and by no other of those that the kernels bring.
func TestRecognise(t *testing.T) {
	program := allBoards(t)
	want := map[string]string{}
	for _, name := range boardNames(t) {
		for _, file := range readBoard(t, name).DTB {
			want[treeFile(t, file)] = name
		}
	}
	known := map[string]bool{}
	for _, name := range boardNames(t) {
		for _, c := range readBoard(t, name).Compatible {
			known[c] = true
		}
	}
	trees := 0
	for _, folder := range treeFolders(t) {
		err := filepath.WalkDir(folder, func(file string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(file, ".dtb") {
				return err
			}
			trees++
			compatible := readTree(t, file).compatible
			if known[compatible[0]] != (want[file] != "") {
				t.Errorf("%s (%v) is meant by a board: %v; by its board.toml it is to be %q", file, compatible, known[compatible[0]], want[file])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if trees < 1000 {
		t.Errorf("the kernels have %d device trees; want a thousand", trees)
	}
	for file, name := range want {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "compatible"), []byte(strings.Join(readTree(t, file).compatible, "\x00")+"\x00"), 0o644); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Name  string
			Ports []struct{ Name, Kernel, Conduit, Role string }
		}
		if err := json.Unmarshal([]byte(output(t, program, "board", "--json", "--device-tree", dir)), &got); err != nil || got.Name != name {
			t.Errorf("%s is recognised as %q (%v); want %s", file, got.Name, err, name)
		}
		if ports := readBoard(t, name).Port; len(got.Ports) != len(ports) || got.Ports[0].Kernel != ports[0].Kernel || got.Ports[0].Conduit != ports[0].Conduit {
			t.Errorf("%s has the ports %+v; want %+v", name, got.Ports, ports)
		}
	}
}

// TestBoardFiles: each board's files pass bootlink's check and configure its ports, and
// its kernel options and features are there.
func TestBoardFiles(t *testing.T) {
	program := allBoards(t)
	features := featureNames(t, program)
	common := options(t, "../board/common/linux.fragment")
	for _, name := range boardNames(t) {
		folder := "../board/" + name
		b := readBoard(t, name)
		for _, file := range []string{"router.toml", "rescue.toml"} {
			output(t, program, "check", filepath.Join(folder, file))
		}
		links := sections(t, folder+"/router.toml")
		for _, p := range b.Port {
			if !links[p.Name] {
				t.Errorf("%s: port %s is in no [link] of its router.toml", name, p.Name)
			}
			if p.Role != "lan" && p.Role != "wan" || p.Kernel == "" {
				t.Errorf("%s: port %+v has no kernel name, or no role", name, p)
			}
		}
		if b.Title == "" || b.Macs == "" || len(b.Compatible) == 0 || len(b.Port) == 0 || len(b.Requires) == 0 {
			t.Errorf("%s: board.toml lacks something: %+v", name, b)
		}
		for _, r := range b.Requires {
			if !features[r] {
				t.Errorf("%s requires %q, which bootlink probe does not know", name, r)
			}
		}
		has := kernelOptions(t, &b, name)
		for option := range options(t, folder+"/linux.fragment") {
			if !has[option] || common[option] {
				t.Errorf("%s: %s is not in its kernel, or is in common/linux.fragment, too", name, option)
			}
		}
		for option := range common {
			if !has[option] {
				t.Errorf("common/linux.fragment: %s is not in the kernel for %s", option, name)
			}
		}
	}
}

// kernelOptions are those of Debian's kernel for a board; for one that Debian has no
// kernel for, all that its source knows.
func kernelOptions(t *testing.T, b *boardFile, name string) map[string]bool {
	t.Helper()
	switch {
	case name == "espressobin" || name == "qemu-virt-arm64":
		return options(t, "out/kernel64/config")
	case len(b.DTB) == 0 || strings.HasPrefix(treeFile(t, b.DTB[0]), "out/"):
		return options(t, "out/kernel/config")
	}
	known := map[string]bool{}
	source := strings.TrimSpace(output(t, "./kernel-source", "6.1"))
	for line := range strings.Lines(output(t, "grep", "-rhE", "--include=Kconfig*", "^(menu)?config ", source)) {
		if words := strings.Fields(line); len(words) == 2 {
			known["CONFIG_"+words[1]] = true
		}
	}
	return known
}

// featureNames are what a probe looks for.
func featureNames(t *testing.T, program string) map[string]bool {
	t.Helper()
	var report struct{ Features []struct{ Name string } }
	if err := json.Unmarshal([]byte(output(t, program, "probe", "--json", "--no-autoload")), &report); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range report.Features {
		names[f.Name] = true
	}
	return names
}

// options are those of a kernel configuration that are switched on.
func options(t *testing.T, file string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	on := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if value == "y" || value == "m" {
			on[name] = true
		}
	}
	return on
}

// sections are the names of the [link.NAME] in a file.
func sections(t *testing.T, file string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if name, is := strings.CutPrefix(line, "[link."); is {
			name, _, _ = strings.Cut(name, "]")
			names[strings.Trim(name, `"`)] = true
		}
	}
	return names
}

// TestNew: what `board --new` begins for the device trees of our boards agrees with them,
// and its configurations pass bootlink's check.
func TestNew(t *testing.T) {
	program := allBoards(t)
	for _, name := range boardNames(t) {
		for _, file := range readBoard(t, name).DTB {
			file = treeFile(t, file)
			tree, folder := filepath.Join(t.TempDir(), "tree"), filepath.Join(t.TempDir(), "new")
			unpackTree(t, file, tree)
			output(t, program, "board", "--device-tree", tree, "--new", folder)
			for _, config := range []string{"router.toml", "rescue.toml"} {
				output(t, program, "check", filepath.Join(folder, config))
			}
			b := readBoardFile(t, filepath.Join(folder, "board.toml"))
			for _, fault := range b.disagrees(readTree(t, file)) {
				t.Errorf("what --new begins for %s and %s disagree: %s", name, filepath.Base(file), fault)
			}
			for _, c := range b.Conduit {
				if !slices.ContainsFunc(b.Port, func(p boardPort) bool { return p.Conduit == c.Kernel }) {
					t.Errorf("what --new begins for %s has a conduit %s that leads to no port", name, c.Kernel)
				}
			}
		}
	}
}

// unpackTree writes a device tree as the kernel shows it in /proc/device-tree.
func unpackTree(t *testing.T, file, folder string) {
	t.Helper()
	fdt, err := dt.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	walk(fdt.RootNode, "", func(at string, n *dt.Node) {
		at = filepath.Join(folder, at)
		if err := os.MkdirAll(at, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, p := range n.Properties {
			if err := os.WriteFile(filepath.Join(at, p.Name), p.Value, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	})
}
