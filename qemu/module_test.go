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

	"github.com/u-root/u-root/pkg/uflag"
)

// moduleTests is where the guest has the tests of its kernel module.
const moduleTests = "/hellobye.test"

// TestModule boots a guest once and runs the tests of guest/hellobye in it, one
// by one. The kernel checks its memory as it goes: slub_debug finds writes
// behind the end of an object and after its life.
func TestModule(t *testing.T) {
	r := &router{VM: start(t, vm.Config{
		// Opening a socket of a number that nobody owns must load nothing.
		Drop:   []string{"sysctl.kernel.modprobe"},
		Append: []string{"sysctl.kernel.modprobe=/none", "slub_debug=FZP"},
		CPUs:   2,
		Files: map[string]vm.File{
			moduleTests[1:]:   {Content: moduleTestProgram(t), Mode: 0o755},
			"etc/uinit.flags": {Content: uflag.ArgvToFile([]string{"bootlink", "version"})}, // it would load the module
		},
	})}
	r.run(t, "/bbin/modprobe", "veth")
	names := strings.Fields(r.run(t, moduleTests, "-test.list", "."))
	if len(names) < 20 {
		t.Fatalf("the program has only these tests: %v", names)
	}
	for _, name := range names {
		t.Run(strings.TrimPrefix(name, "Test"), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			result, err := r.Run(ctx, moduleTests, "-test.v", "-test.run", "^"+name+"$")
			if err != nil {
				t.Fatal(err)
			}
			if result.Code != 0 || !strings.HasSuffix(result.Out, "PASS\n") || !strings.Contains(result.Out, "--- PASS: "+name) {
				t.Fatalf("status %d\n%s%s", result.Code, result.Out, result.Err)
			}
			t.Log(result.Out)
		})
	}
	quietKernel(t, r)
}

// moduleTestProgram builds the tests for the guest.
func moduleTestProgram(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hellobye.test")
	build := exec.Command("go", "test", "-c", "-tags", "guest", "-ldflags", "-s -w", "-o", file, "./guest/hellobye")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm", "GOARM=7", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, out)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(program)
}
