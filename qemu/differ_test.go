package qemu

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/vm"
)

// guestTests are test programs of the product that run in guests as well, with
// the cases that want a kernel with more than the machine's own may have. The
// longest come first.
var guestTests = []struct {
	name, pkg string
	words     []string
	data      string // a folder of cases, below the package's
}{
	{"Differ", "rtcfg", []string{"-test.run", "TestDiffer|TestWireGuard", "-differ", "testdata/guest"}, "testdata/guest"},
	{"Change0To9", "rtcfg", []string{"-test.run", "TestChange/^[0-9]-", "-kinds", "all"}, "object/testdata"},
	{"ChangeRest", "rtcfg", []string{"-test.run", "TestChange", "-test.skip", "TestChange/^[0-9]-", "-kinds", "all"}, "object/testdata"},
	{"Kinds", "rtcfg/object", []string{"-test.run", "TestKinds", "-kinds", "all"}, "testdata"},
}

// guestMemory lets the garbage collector run seldom: it is a tenth of the work.
const guestMemory = "GOGC=off GOMEMLIMIT=200MiB"

// TestInGuest runs them, beside Debian's iproute2. A guest with one processor is
// faster than half of one with two, and one that counts instructions passes over
// the time in which it would only wait.
func TestInGuest(t *testing.T) {
	for _, g := range guestTests {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]vm.File{}
			addGuestTest(t, files, g.pkg, g.data)
			c := vm.Config{Memory: 512, Files: files, Counted: true}
			argv := []string{"cd", "/" + g.pkg, "&&", "PATH=/opt/iproute2:$PATH", guestMemory, "/" + g.pkg + ".test", "-test.v", "-test.parallel", "2"}
			for _, w := range g.words {
				argv = append(argv, "'"+w+"'")
			}
			once(t, &c, argv, func() { runInGuest(t, c, argv) })
		})
	}
}

func runInGuest(t *testing.T, c vm.Config, argv []string) {
	t.Helper()
	r := &router{VM: start(t, c)}
	r.run(t, "/bbin/gosh", "-c", "echo 1 > /proc/sys/net/core/fb_tunnels_only_for_init_net") // no gre0 and the like in each namespace
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Minute)
	defer cancel()
	result, err := r.Run(ctx, "/bbin/gosh", "-c", strings.Join(argv, " "))
	if err != nil {
		t.Fatal(err)
	}
	if result.Code != 0 || !strings.HasSuffix(result.Out, "PASS\n") || !strings.Contains(result.Out, "    --- PASS: ") || strings.Contains(result.Out, "--- SKIP: ") {
		t.Fatalf("status %d\n%s%s", result.Code, result.Out, result.Err)
	}
	t.Log(result.Out)
	quietKernel(t, r)
}

// addGuestTest builds a package's tests for the guest, and adds them with their
// cases.
func addGuestTest(t *testing.T, files map[string]vm.File, pkg, data string) {
	t.Helper()
	root, err := vm.Root()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "test")
	build := exec.Command("go", "test", "-c", "-trimpath", "-ldflags", "-s -w", "-o", program, "./"+pkg)
	build.Dir, build.Env = root, append(os.Environ(), "GOOS=linux", "GOARCH=arm", "GOARM=7", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, out)
	}
	addFile(t, files, pkg+".test", program, 0o755)
	cases, err := filepath.Glob(filepath.Join(root, pkg, data, "*.txt"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases in %s/%s: %v", pkg, data, err)
	}
	for _, file := range cases {
		addFile(t, files, filepath.Join(pkg, data, filepath.Base(file)), file, 0o644)
	}
}

func addFile(t *testing.T, files map[string]vm.File, name, from string, mode os.FileMode) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	files[name] = vm.File{Content: string(text), Mode: mode}
}
