package qemu

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestBuildrootKernel: the kernel's own Kconfig takes each symbol that the package for
// Buildroot switches on, and each of the virt machine's configuration; of the report of
// what comes out the board's files are good.
func TestBuildrootKernel(t *testing.T) {
	t.Parallel()
	asked := map[string]string{}
	for _, file := range []string{"../buildroot/board/qemu-arm-virt/linux.config", "../board/qemu-virt/linux.fragment"} {
		for _, m := range regexp.MustCompile(`(?m)^(CONFIG_\w+)=(.*)$`).FindAllStringSubmatch(textOf(t, file), -1) {
			asked[m[1]] = m[2]
		}
	}
	for _, symbol := range regexp.MustCompile(`CONFIG_\w+`).FindAllString(textOf(t, "../buildroot/package/bootlink/bootlink-kernel.mk"), -1) {
		asked[symbol] = "y"
	}
	tree := t.TempDir()
	var config strings.Builder
	for _, symbol := range slices.Sorted(maps.Keys(asked)) {
		config.WriteString(symbol + "=" + asked[symbol] + "\n")
	}
	put(t, filepath.Join(tree, ".config"), config.String())
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	kbuild := exec.Command("make", "-s", "-C", filepath.Join(cache, "bootlink/linux-source-6.1"), "O="+tree, "ARCH=arm", "CROSS_COMPILE=arm-linux-gnueabihf-", "olddefconfig")
	if out, err := kbuild.CombinedOutput(); err != nil {
		t.Fatalf("olddefconfig: %v\n%s", err, out)
	}
	is := textOf(t, filepath.Join(tree, ".config"))
	for symbol, value := range asked {
		if !strings.Contains(is, "\n"+symbol+"="+value+"\n") {
			t.Errorf("the kernel drops %s=%s: something must come before it, see buildroot/kernel_test.go", symbol, value)
		}
	}
	put(t, filepath.Join(tree, "include/config/kernel.release"), "6.1.159\n")
	put(t, filepath.Join(tree, "image/lib/modules/6.1.159/modules.dep"), "")
	report := filepath.Join(tree, "caps.json")
	put(t, report, output(t, "go", "run", "bootlink/cmd/kernelcaps", tree, filepath.Join(tree, "image")))
	for name, has := range hasFeatures(t, []byte(textOf(t, report))) {
		if kind, _, _ := strings.Cut(name, " "); (kind == "kind" || kind == "qdisc") && !has && name != "kind dsa" {
			t.Errorf("the report lacks %s", name)
		}
	}
	for _, file := range []string{"router.toml", "rescue.toml"} {
		output(t, "go", "run", "bootlink/cmd/bootlink", "check", "--caps", report, "../board/qemu-virt/"+file)
	}
}

// TestKernelCaps: what kernelcaps tells of Debian's kernel before it runs is what probe
// told in it; the image of the probe had fewer modules than there are.
func TestKernelCaps(t *testing.T) {
	t.Parallel()
	release := strings.TrimSpace(textOf(t, "out/kernel/release"))
	dir := t.TempDir()
	put(t, filepath.Join(dir, "kernel/.config"), textOf(t, "out/kernel/config"))
	put(t, filepath.Join(dir, "kernel/include/config/kernel.release"), release+"\n")
	for _, list := range []string{"modules.dep", "modules.builtin"} {
		put(t, filepath.Join(dir, "lib/modules", release, list), textOf(t, filepath.Join("out/kernel/modules", list)))
	}
	told := hasFeatures(t, []byte(output(t, "go", "run", "bootlink/cmd/kernelcaps", filepath.Join(dir, "kernel"), dir)))
	known := regexp.MustCompile(`^(kind|qdisc) |rules|tables|multipath|VLANs|^IPv6|namespaces`)
	checked := 0
	for name, has := range hasFeatures(t, []byte(textOf(t, "../board/qemu-virt/caps.json"))) {
		if !known.MatchString(name) || name == "kind dsa" { // not in the image
			continue
		}
		if checked++; told[name] != has {
			t.Errorf("%s: kernelcaps says %v, and the kernel %v", name, told[name], has)
		}
	}
	if checked < 40 {
		t.Errorf("only %d features were compared", checked)
	}
	// The same kernel without its modules has next to nothing.
	bare := hasFeatures(t, []byte(output(t, "go", "run", "bootlink/cmd/kernelcaps", filepath.Join(dir, "kernel"))))
	if bare["kind bridge"] || bare["kind wireguard"] || !bare["rules"] {
		t.Errorf("without modules: bridge %v, wireguard %v, rules %v", bare["kind bridge"], bare["kind wireguard"], bare["rules"])
	}
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func put(t *testing.T, file, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
