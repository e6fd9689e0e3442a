package buildroot

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// wrapper stands for Buildroot: the symbols that ours depend on.
const wrapper = `mainmenu "stub"
config BR2_EXTERNAL_BOOTLINK_PATH
	string
	option env="BR2_EXTERNAL_BOOTLINK_PATH"
config BR2_LINUX_KERNEL
	bool "kernel"
config BR2_PACKAGE_HOST_GO_TARGET_ARCH_SUPPORTS
	bool "go"
config BR2_PACKAGE_HOST_GO
	bool "host go"
source "$BR2_EXTERNAL_BOOTLINK_PATH/Config.in"
`

// kconfig runs Kconfig on our tree, and gives the configuration that comes out. The
// kernel's own does not expand $NAME in source lines; this one is as old as Buildroot's.
func kconfig(t *testing.T, start string, mode ...string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"Config.in": wrapper, ".config": start, "defconfig": start} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("kconfig-conf", append(mode, "Config.in")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CONFIG_=", "BR2_EXTERNAL_BOOTLINK_PATH="+here)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "warning: (") || strings.Contains(string(out), "Config.in:") {
		t.Fatalf("kconfig-conf %v: %v\n%s", mode, err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, ".config"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, value, is := strings.Cut(strings.TrimSpace(line), "="); is && !strings.HasPrefix(key, "#") {
			values[key] = value
		}
	}
	return values
}

const base = "BR2_LINUX_KERNEL=y\nBR2_PACKAGE_HOST_GO_TARGET_ARCH_SUPPORTS=y\n"

func TestKconfig(t *testing.T) {
	check := func(name string, got, want map[string]string) {
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %s is %q, not %q", name, key, got[key], value)
			}
		}
	}
	packages := map[string]string{"BR2_PACKAGE_BOOTLINK": "y", "BR2_PACKAGE_HELLOBYE": "y", "BR2_PACKAGE_HOST_GO": "y"}
	check("all yes", kconfig(t, "", "--allyesconfig"), packages)
	check("all no", kconfig(t, "", "--allnoconfig"), map[string]string{"BR2_PACKAGE_BOOTLINK": "", "BR2_PACKAGE_HELLOBYE": ""})
	check("without Go and kernel", kconfig(t, "BR2_PACKAGE_BOOTLINK=y\nBR2_PACKAGE_HELLOBYE=y\n", "--olddefconfig"),
		map[string]string{"BR2_PACKAGE_BOOTLINK": "", "BR2_PACKAGE_HELLOBYE": ""})
	for _, file := range files(t, "configs/*_defconfig") {
		got := kconfig(t, base+read(t, file), "--defconfig=defconfig")
		check(file, got, packages)
		check(file, got, map[string]string{"BR2_PACKAGE_BOOTLINK_START_RUN": "y", "BR2_PACKAGE_BOOTLINK_START_APPLY": "", "BR2_PACKAGE_BOOTLINK_KERNEL_LINKS": "y"})
	}
}

// stub stands for Buildroot's package infrastructure: packages are only named.
const stub = `golang-package = PACKAGES += golang
host-golang-package = PACKAGES += host-golang
kernel-module = PACKAGES += kernel-module
generic-package = PACKAGES += generic
qstrip = $(strip $(subst ",,$(1)))
KCONFIG_ENABLE_OPT = enable($(1))
KCONFIG_DISABLE_OPT = disable($(1))
define sep


endef
INSTALL = install
SED = sed -i -e
TARGET_DIR = $(T)
include external.mk
value-%: ; @:$(info $($*))
run-%: ; $($*)
`

// makes runs a target of the stub, with settings.
func makes(t *testing.T, target string, settings ...string) string {
	t.Helper()
	cmd := exec.Command("make", append([]string{"--no-print-directory", "-s", "-f", "-", "BR2_EXTERNAL_BOOTLINK_PATH=."}, append(settings, target)...)...)
	cmd.Stdin = strings.NewReader(stub)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Contains(string(out), "warning") {
		t.Fatalf("make %s: %v\n%s", target, err, out)
	}
	return strings.TrimSpace(string(out))
}

const yes = "=y"

func TestPackages(t *testing.T) {
	if got := makes(t, "value-PACKAGES"); got != "golang host-golang kernel-module generic" {
		t.Errorf("packages: %s", got)
	}
	for variable, want := range map[string]string{
		"BOOTLINK_VERSION": makeVariable(t, "VERSION"), "BOOTLINK_GOMOD": "bootlink", "BOOTLINK_GO_ENV": "CGO_ENABLED=0",
		"HOST_BOOTLINK_BUILD_TARGETS": "cmd/bootlink cmd/kernelcaps",
	} {
		if got := makes(t, "value-"+variable); got != want {
			t.Errorf("%s is %q, not %q", variable, got, want)
		}
	}
	if got := makes(t, "value-BOOTLINK_GO_ENV", "BR2_ARM_CPU_ARMV7A"+yes, "BR2_SOFT_FLOAT"+yes); got != "CGO_ENABLED=0 GOARM=7,softfloat" {
		t.Errorf("a soft-float ARMv7 builds with %q", got)
	}
	for version, want := range map[string]string{"1.26.3": "CGO_ENABLED=0 GOEXPERIMENT=nogreenteagc", "1.27.0": "CGO_ENABLED=0"} {
		if got := makes(t, "value-BOOTLINK_GO_ENV", "GO_VERSION="+version); got != want {
			t.Errorf("Go %s builds with %q, not %q", version, got, want)
		}
	}
	module := kmodVersion(t)
	if got := makes(t, "value-HELLOBYE_VERSION"); got != module {
		t.Errorf("HELLOBYE_VERSION is %s, and the module's is %s", got, module)
	}
}

// The flags are those of the Makefile: a router from Buildroot has the small binary, too.
func TestFlags(t *testing.T) {
	arm := exec.Command("make", "-n", "-s", "arm")
	arm.Dir = ".."
	out, err := arm.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range []string{makes(t, "value-BOOTLINK_BUILD_OPTS"), "-ldflags '" + makes(t, "value-BOOTLINK_LDFLAGS") + "'"} {
		if !strings.Contains(string(out), flags) {
			t.Errorf("the Makefile builds without %s:\n%s", flags, out)
		}
	}
}

// Groups of symbols are chosen one by one.
func TestFixups(t *testing.T) {
	none := makes(t, "value-BOOTLINK_LINUX_CONFIG_FIXUPS")
	for group, symbol := range map[string]string{"LINKS": "CONFIG_BONDING", "ROUTING": "CONFIG_IPV6_SUBTREES", "QUEUES": "CONFIG_NET_SCH_CAKE"} {
		line := "enable(" + symbol + ")"
		if strings.Contains(none, line) || !strings.Contains(none, "enable(CONFIG_CONNECTOR)") {
			t.Errorf("without groups:\n%s", none)
		}
		if got := makes(t, "value-BOOTLINK_LINUX_CONFIG_FIXUPS", "BR2_PACKAGE_BOOTLINK_KERNEL_"+group+yes); !strings.Contains(got, line) {
			t.Errorf("%s does not bring %s:\n%s", group, symbol, got)
		}
	}
}

func makeVariable(t *testing.T, name string) string {
	t.Helper()
	_, after, _ := strings.Cut(read(t, "../Makefile"), "\n"+name+" ?= ")
	value, _, _ := strings.Cut(after, "\n")
	return value
}

func kmodVersion(t *testing.T) string {
	t.Helper()
	_, after, _ := strings.Cut(read(t, "../kmod/src/dkms.conf"), `PACKAGE_VERSION="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}
