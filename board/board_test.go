package board

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func tree(t *testing.T, compatible string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compatible"), []byte(compatible), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRecognise(t *testing.T) {
	b, err := Recognise(tree(t, "linux,dummy-virt\x00"))
	if err != nil || b.Name != "qemu-virt" || b.Because != "linux,dummy-virt" {
		t.Fatalf("Recognise = %+v, %v; want qemu-virt by linux,dummy-virt", b, err)
	}
	var unknown *UnknownError
	_, err = Recognise(tree(t, "acme,router-9\x00acme,soc\x00"))
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "acme,router-9, acme,soc") {
		t.Errorf("an unknown board gives %v; want its compatible strings", err)
	}
	if _, err = Recognise(t.TempDir()); !errors.As(err, &unknown) || len(unknown.Compatible) != 0 {
		t.Errorf("no device tree gives %v", err)
	}
}

// TestFolders: each folder has its Go file, with its build tag, and all that a board has.
// A new folder gets its Go file by: go test ./board -run TestFolders -update
func TestFolders(t *testing.T) {
	found, err := filepath.Glob("*/board.toml")
	if err != nil || len(found) < 12 {
		t.Fatalf("%d folders have a board.toml (%v); want 12", len(found), err)
	}
	for _, file := range found {
		name := filepath.Dir(file)
		for _, other := range []string{"router.toml", "rescue.toml", "linux.fragment", "README.md"} {
			if text, err := os.ReadFile(filepath.Join(name, other)); err != nil || strings.TrimSpace(string(text)) == "" {
				t.Errorf("%s lacks %s (%v)", name, other, err)
			}
		}
		source := strings.ReplaceAll(name, "-", "_") + ".go"
		text, err := os.ReadFile(source)
		switch {
		case *update:
			if err := os.WriteFile(source, []byte(rowOf(name)), 0o644); err != nil {
				t.Error(err)
			}
		case err != nil || string(text) != rowOf(name):
			t.Errorf("%s does not compile %s in (%v): go test ./board -run TestFolders -update", source, name, err)
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil || len(sources) != len(found)+len(notBoards) {
		t.Errorf("there are %d Go files for %d folders (%v): %v", len(sources)-len(notBoards), len(found), err, sources)
	}
}

var update = flag.Bool("update", false, "write the Go files of the folders")

// notBoards are the Go files that are no board's.
var notBoards = []string{"board.go", "board_test.go", "doc.go", "new.go"}

// rowOf gives the Go file of a folder. Without chosen boards a binary has QEMU's machine.
func rowOf(name string) string {
	tag := "board_" + strings.ReplaceAll(name, "-", "_")
	condition := "board_all || " + tag
	switch name {
	case "qemu-virt": // both machines call themselves the same
		condition = "!arm64 && (!boards || " + condition + ")"
	case "qemu-virt-arm64":
		condition = "!boards || " + condition
	}
	word := ""
	for i, part := range strings.Split(name, "-") {
		if i > 0 {
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		word += part
	}
	return strings.NewReplacer("CONDITION", condition, "FOLDER", name, "WORD", word).Replace(`//go:build CONDITION

package board

import _ "embed"

var (
	//go:embed FOLDER/board.toml
	WORDBoard string
	//go:embed FOLDER/router.toml
	WORDRouter string
	//go:embed FOLDER/rescue.toml
	WORDRescue string
)

var WORD = folder{name: "FOLDER", board: &WORDBoard, router: &WORDRouter, rescue: &WORDRescue}

var _ = add(&WORD)
`)
}

// TestTags: with the tags of a board its files are in the binary, and no other's.
func TestTags(t *testing.T) {
	found, err := filepath.Glob("*/board.toml")
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	for _, file := range append(found, "") {
		name, tags, want := filepath.Dir(file), "", "[qemu-virt/board.toml qemu-virt/rescue.toml qemu-virt/router.toml]"
		arch := runtime.GOARCH
		if file != "" {
			tags = "boards,board_" + strings.ReplaceAll(name, "-", "_")
			want = "[" + name + "/board.toml " + name + "/rescue.toml " + name + "/router.toml]"
		}
		if name == "qemu-virt-arm64" {
			arch = "arm64"
		}
		cmd := exec.Command("go", "list", "-tags", tags, "-f", "{{.EmbedFiles}}", ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("with -tags %q a binary has %s (%v); want %s", tags, got, err, want)
		}
		cmd = exec.Command("go", "build", "-tags", tags, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("-tags %s: %v\n%s", tags, err, out)
		}
	}
}
