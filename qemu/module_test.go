package qemu

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/vm"

	"github.com/u-root/u-root/pkg/uflag"
)

// moduleTests is where the guest has the tests of its kernel module.
const moduleTests = "/hellobye.test"

// full is for `make test-debug`.
var full = flag.Bool("full", false, "run the module's tests in full size")

// A size is how much of the module's tests a kernel gets.
type size struct {
	words []string
	tests []string // nil: all
	not   []string
}

// TestModule boots Debian's kernel once and runs the tests of guest/hellobye in
// it, one by one. The kernel checks its memory as it goes: slub_debug finds
// writes behind the end of an object and after its life.
func TestModule(t *testing.T) {
	t.Parallel()
	c := moduleGuest(t, "arm")
	c.Append = append(c.Append, "slub_debug=FZP")
	s := size{not: []string{"TestFaults", "TestLoadFaults"}} // this kernel injects none
	if *full {
		s.words = []string{"-mutants", "1000000", "-visits", "10000", "-reloads", "500", "-packets", "200000"}
	}
	once(t, &c, s.words, func() {
		r := &router{VM: start(t, c)}
		r.run(t, "/bbin/modprobe", "veth")
		moduleSuite(t, r, s)
		quietKernel(t, r)
	})
}

// TestModuleDebug does the same in a kernel that qemu/debug-kernel has built:
// it finds bad accesses, lock orders, sleeps and leaks, lets allocations fail,
// and ends at its first complaint.
func TestModuleDebug(t *testing.T) {
	folder := debugKernel(t, "arm")
	c := moduleGuest(t, "arm")
	c.Kernel, c.Memory = filepath.Join(folder, "Image"), 768
	c.Append = append(c.Append, "panic_on_warn=1")
	addModules(t, &c, folder)
	r := &router{VM: start(t, c)}
	forgetLeaks(t, r)
	s := size{
		words: []string{"-mutants", "5000", "-visits", "100", "-reloads", "5"},
		tests: []string{"TestFaults", "TestComeAndGo", "TestReload", "TestMalformed", "TestNamespaces", "TestKilled", "TestTextBytes", "TestGet"},
	}
	if *full { // it is twenty times slower than the other
		s = size{words: []string{"-mutants", "200000", "-visits", "10000", "-reloads", "100", "-packets", "50000"}}
	}
	moduleSuite(t, r, s)
	quietKernel(t, r)
	leaks(t, r)
}

// TestModuleRaces runs the module's tests on a PC with two processors whose
// kernel watches for data races. Those of other parts of the kernel are theirs.
func TestModuleRaces(t *testing.T) {
	folder := debugKernel(t, "x86_64")
	c := moduleGuest(t, "amd64")
	c.Board, c.Kernel, c.Memory = vm.PC, filepath.Join(folder, "Image"), 1024
	c.Archives = []string{bareImage(t)}
	addModules(t, &c, folder)
	r := &router{VM: start(t, c)}
	s := size{
		words: []string{"-mutants", "20000", "-visits", "500", "-reloads", "10", "-packets", "5000"},
		tests: []string{"TestComeAndGo", "TestComeInFlood", "TestReload", "TestMalformed", "TestKilled", "TestFlood", "TestClients"},
	}
	if *full { // only those that run side by side with others; the PC's image has no iproute2
		s.words = []string{"-mutants", "1000000", "-visits", "10000", "-reloads", "500"}
	}
	debugFiles(t, r, kcsan)
	moduleSuite(t, r, s)
	races(t, r)
}

// races fails the test for a report that has to do with the module.
func races(t *testing.T, r *router) {
	t.Helper()
	watched := r.run(t, "/bbin/cat", kcsan)
	if !strings.Contains(watched, "enabled: 1") || strings.Contains(watched, "setup_watchpoints: 0\n") {
		t.Errorf("the kernel did not watch:\n%s", watched)
	}
	t.Log(watched)
	log := r.run(t, "/bbin/dmesg")
	reports := strings.Split(log, "BUG: KCSAN:")
	for _, report := range reports[1:] {
		report, _, _ = strings.Cut(report, "==================")
		if strings.Contains(report, "[hellobye]") {
			t.Errorf("data race%s", report)
		}
	}
}

// bareImage is the image for a PC. It is rebuilt when u-root's part is new.
func bareImage(t *testing.T) string {
	t.Helper()
	root, err := vm.Root()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(root, "build/image/amd64")
	if text, err := exec.Command("go", "run", "./mkimage", "-bare", "-machine", "amd64", "-out", out).CombinedOutput(); err != nil {
		t.Fatalf("mkimage: %v\n%s", err, text)
	}
	return filepath.Join(out, "bare.cpio")
}

// addModules adds the modules that were built for a debug kernel.
func addModules(t *testing.T, c *vm.Config, folder string) {
	t.Helper()
	modules := "lib/modules/" + strings.TrimSpace(content(t, folder, "release"))
	c.Files[modules+"/extra/hellobye.ko"] = vm.File{Content: content(t, folder, "hellobye.ko")}
	c.Files[modules+"/kernel/crypto/crypto_user.ko"] = vm.File{Content: content(t, folder, "crypto_user.ko")}
}

// moduleGuest is a machine whose init leaves the module alone.
func moduleGuest(t *testing.T, goarch string) vm.Config {
	t.Helper()
	return vm.Config{
		// Opening a socket of a number that nobody owns must load nothing.
		Drop:   []string{"sysctl.kernel.modprobe"},
		Append: []string{"sysctl.kernel.modprobe=/none"},
		CPUs:   2,
		Files: map[string]vm.File{
			moduleTests[1:]:   {Content: moduleTestProgram(t, goarch), Mode: 0o755},
			"etc/uinit.flags": {Content: uflag.ArgvToFile([]string{"bootlink", "version"})}, // it would load the module
		},
	}
}

// moduleSuite runs tests in the guest.
func moduleSuite(t *testing.T, r *router, s size) {
	t.Helper()
	names := strings.Fields(r.run(t, moduleTests, "-test.list", "."))
	if len(names) < 20 {
		t.Fatalf("the program has only these tests: %v", names)
	}
	for _, name := range names {
		if slices.Contains(s.not, name) || s.tests != nil && !slices.Contains(s.tests, name) {
			continue
		}
		t.Run(strings.TrimPrefix(name, "Test"), func(t *testing.T) { guestTest(t, r, name, s.words) })
		if r.Ended() {
			t.Fatal("the guest has ended")
		}
	}
}

// guestTest runs one of the tests in the guest.
func guestTest(t *testing.T, r *router, name string, words []string) {
	ctx, cancel := context.WithTimeout(t.Context(), 40*time.Minute)
	defer cancel()
	result, err := r.Run(ctx, append([]string{moduleTests, "-test.v", "-test.timeout", "40m", "-test.run", "^" + name + "$"}, words...)...)
	if err != nil {
		t.Fatal(err)
	}
	if result.Code != 0 || !strings.HasSuffix(result.Out, "PASS\n") || !strings.Contains(result.Out, "--- PASS: "+name) {
		t.Fatalf("status %d\n%s%s", result.Code, result.Out, result.Err)
	}
	t.Log(result.Out)
}

// debugKernel gives the folder of a debug kernel that an earlier `make
// debug-kernel` has left in the cache. It takes minutes to build, so a machine
// without it does without the test.
func debugKernel(t *testing.T, machine string) string {
	t.Helper()
	var problems strings.Builder
	c := exec.Command("./debug-kernel", "--check", machine)
	c.Stderr = &problems
	out, err := c.Output()
	if err != nil && problems.Len() > 0 {
		t.Fatalf("%v: %v\n%s", c.Args, err, &problems)
	}
	if err != nil {
		t.Skipf("no debug kernel for %s in the cache: make debug-kernel", machine)
	}
	return strings.TrimSpace(string(out))
}

// content reads a file of the debug kernel's folder.
func content(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const (
	kmemleak = "/sys/kernel/debug/kmemleak"
	kcsan    = "/sys/kernel/debug/kcsan"
)

// debugFiles mounts debugfs where init has not.
func debugFiles(t *testing.T, r *router, file string) {
	t.Helper()
	if r.try(t, "/bbin/ls", file).Code != 0 {
		r.run(t, "/bbin/mount", "-t", "debugfs", "debugfs", "/sys/kernel/debug")
	}
}

// forgetLeaks makes kmemleak forget what the kernel has leaked so far.
func forgetLeaks(t *testing.T, r *router) {
	t.Helper()
	debugFiles(t, r, kmemleak)
	scanLeaks(t, r)
	r.run(t, "/bbin/gosh", "-c", "echo clear > "+kmemleak)
}

// scanLeaks scans twice: nothing is taken for leaked that is younger than five
// seconds, and checksums are compared.
func scanLeaks(t *testing.T, r *router) {
	t.Helper()
	for range 2 {
		r.run(t, "/bbin/sleep", "6s")
		r.run(t, "/bbin/gosh", "-c", "echo scan > "+kmemleak)
	}
}

// leaks fails the test if kmemleak finds something.
func leaks(t *testing.T, r *router) {
	t.Helper()
	scanLeaks(t, r)
	if found := r.run(t, "/bbin/cat", kmemleak); found != "" {
		t.Errorf("kmemleak found\n%s", found)
	}
}

// moduleTestProgram builds the tests for the guest.
func moduleTestProgram(t *testing.T, goarch string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hellobye.test")
	build := exec.Command("go", "test", "-c", "-tags", "guest", "-ldflags", "-s -w", "-o", file, "./guest/hellobye")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "GOARM=7", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, out)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(program)
}
