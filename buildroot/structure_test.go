package buildroot

import (
	"crypto/sha256"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The oldest Buildroot that is meant is 2026.02.3, the LTS; this is its Go.
const oldestGo = "1.26.3"

// known are Buildroot's own symbols that our files name. A new one has to be looked up
// in Buildroot first: Kconfig is silent about those that it does not know.
var known = strings.Fields(`
BR2_arm BR2_cortex_a15 BR2_cortex_a7 BR2_ARM_FPU_VFPV4 BR2_ARM_CPU_ARMV7A BR2_SOFT_FLOAT
BR2_TOOLCHAIN_EXTERNAL BR2_TOOLCHAIN_EXTERNAL_BOOTLIN BR2_TOOLCHAIN_EXTERNAL_BOOTLIN_ARMV7_EABIHF_MUSL_STABLE
BR2_GLOBAL_PATCH_DIR BR2_DOWNLOAD_FORCE_CHECK_HASHES BR2_CONFIG BR2_DL_DIR BR2_EXTERNAL BR2_DEFCONFIG BR2_PACKAGE_OVERRIDE_FILE
BR2_TARGET_GENERIC_HOSTNAME BR2_TARGET_GENERIC_GETTY_PORT BR2_ROOTFS_POST_BUILD_SCRIPT BR2_ROOTFS_POST_IMAGE_SCRIPT
BR2_ROOTFS_POST_SCRIPT_ARGS BR2_ROOTFS_OVERLAY BR2_SYSTEM_DHCP BR2_INIT_BUSYBOX BR2_INIT_SYSV
BR2_LINUX_KERNEL BR2_LINUX_KERNEL_CUSTOM_VERSION BR2_LINUX_KERNEL_CUSTOM_VERSION_VALUE
BR2_LINUX_KERNEL_USE_CUSTOM_CONFIG BR2_LINUX_KERNEL_CUSTOM_CONFIG_FILE BR2_LINUX_KERNEL_CONFIG_FRAGMENT_FILES
BR2_LINUX_KERNEL_DEFCONFIG BR2_LINUX_KERNEL_DTS_SUPPORT BR2_LINUX_KERNEL_INTREE_DTS_NAME BR2_LINUX_KERNEL_INSTALL_TARGET
BR2_PACKAGE_IFUPDOWN_SCRIPTS BR2_PACKAGE_DHCPCD BR2_PACKAGE_HOST_GO BR2_PACKAGE_HOST_GO_TARGET_ARCH_SUPPORTS BR2_PACKAGE_HOST_GENIMAGE
BR2_TARGET_ROOTFS_CPIO BR2_TARGET_ROOTFS_CPIO_GZIP BR2_TARGET_ROOTFS_TAR BR2_TARGET_ROOTFS_EXT2 BR2_TARGET_ROOTFS_EXT2_4
BR2_TARGET_UBOOT BR2_TARGET_UBOOT_BUILD_SYSTEM_KCONFIG BR2_TARGET_UBOOT_CUSTOM_VERSION BR2_TARGET_UBOOT_CUSTOM_VERSION_VALUE
BR2_TARGET_UBOOT_BOARD_DEFCONFIG BR2_TARGET_UBOOT_NEEDS_DTC BR2_TARGET_UBOOT_NEEDS_PYLIBFDT BR2_TARGET_UBOOT_NEEDS_OPENSSL
BR2_TARGET_UBOOT_FORMAT_CUSTOM BR2_TARGET_UBOOT_FORMAT_CUSTOM_NAME`)

var symbol = regexp.MustCompile(`\bBR2_\w+`)

// files lists those of this folder and of dist/ that match, for git.
func files(t *testing.T, patterns ...string) []string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"ls-files", "--"}, patterns...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(string(out))
	if len(list) == 0 {
		t.Fatalf("git has none of %v", patterns)
	}
	return list
}

// Symbols are ours, and declared, or known to be Buildroot's.
func TestSymbols(t *testing.T) {
	declared := map[string]bool{}
	for _, file := range files(t, "package/*/Config.in") {
		for _, m := range regexp.MustCompile(`(?m)^config (\w+)$`).FindAllStringSubmatch(read(t, file), -1) {
			declared[m[1]] = true
		}
	}
	for _, file := range files(t, ":!*.go") {
		for _, s := range symbol.FindAllString(read(t, file), -1) {
			if !declared[s] && !slices.Contains(known, s) && !strings.HasPrefix(s, "BR2_EXTERNAL_BOOTLINK_PATH") && s != "BR2_VERSION" {
				t.Errorf("%s: %s is neither ours nor known", file, s)
			}
		}
	}
}

// Files that defconfigs and packages name are there, and are those of board/ where it
// has them.
func TestPathsAreThere(t *testing.T) {
	path := regexp.MustCompile(`\$\(?BR2_EXTERNAL_BOOTLINK_PATH\)?([\w./-]*)`)
	for _, file := range files(t, "configs/*", "Config.in", "package/*/*.mk") {
		for _, m := range path.FindAllStringSubmatch(read(t, file), -1) {
			if found, _ := filepath.Glob("." + m[1]); found == nil {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
	}
}

// The description is what Buildroot takes: a dash in the name stops make at once.
func TestDescription(t *testing.T) {
	if text := read(t, "external.desc"); !regexp.MustCompile(`^name: [A-Za-z0-9_]+\ndesc: .{1,40}\n$`).MatchString(text) {
		t.Errorf("external.desc:\n%s", text)
	}
}

// Makefiles and Kconfig files are in the style that check-package wants.
func TestStyle(t *testing.T) {
	for _, file := range files(t, "package/*/*.mk") {
		name := strings.TrimSuffix(filepath.Base(file), ".mk")
		rule := strings.Repeat("#", 80)
		text := read(t, file)
		if !strings.HasPrefix(text, rule+"\n#\n# "+name+"\n#\n"+rule+"\n\n") {
			t.Errorf("%s: its header is not the usual one", file)
		}
		prefix := strings.ToUpper(strings.TrimSuffix(name, "-kernel"))
		faults(t, file, text, map[string]string{
			`[^\x00-\x7f]`: "not ASCII", `\$\{`: "write $()", `(?m)^ifn?def`: "no ifdef", `(?m)\S  +=|=  +\S`: "no alignment",
			`(?m)^ `: "tabs, no spaces", `(?m)[^ ]\\$|  \\$`: "one space before a backslash",
		})
		for _, m := range regexp.MustCompile(`(?m)^(?:define )?([A-Z]\w*)(?: \+?=|$)`).FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(m[1], prefix+"_") && !strings.HasPrefix(m[1], "HOST_"+prefix+"_") {
				t.Errorf("%s: %s does not begin with %s_", file, m[1], prefix)
			}
		}
	}
	for _, file := range files(t, "package/*/Config.in") {
		text := read(t, file)
		for line := range strings.Lines(text) {
			if help, is := strings.CutPrefix(line, "\t  "); is && len(help) > 63 {
				t.Errorf("%s: longer than 62: %s", file, help)
			}
		}
		faults(t, file, text, map[string]string{`(?m)^ `: "tabs, no spaces", `default n`: "that is the default", `(?m)^\t(\t| [^ ]|   )`: "a tab, then two spaces in help"})
	}
	for _, file := range files(t, ":!*.go", "../dist") {
		faults(t, file, read(t, file), map[string]string{`(?m)[ \t]+$`: "space at the end of a line", `\n\n\n`: "two empty lines", `\n\n$|[^\n]$`: "ends in one newline"})
	}
}

func faults(t *testing.T, file, text string, wrong map[string]string) {
	t.Helper()
	for pattern, why := range wrong {
		if at := regexp.MustCompile(pattern).FindStringIndex(text); at != nil {
			t.Errorf("%s:%d: %s", file, 1+strings.Count(text[:at[0]], "\n"), why)
		}
	}
}

// Hashes of licenses are those of the files; what is downloaded has one.
func TestHashes(t *testing.T) {
	sources := map[string]string{"bootlink": "..", "hellobye": "../kmod/src"}
	for name, folder := range sources {
		text := read(t, "package/"+name+"/"+name+".hash")
		lists := regexp.MustCompile(`(?m)_LICENSE_FILES = (.*)$`).FindStringSubmatch(read(t, "package/"+name+"/"+name+".mk"))
		if lists == nil {
			t.Fatalf("%s has no license", name)
		}
		for _, file := range strings.Fields(lists[1]) {
			line := fmt.Sprintf("sha256  %x  %s\n", sha256.Sum256([]byte(read(t, filepath.Join(folder, file)))), file)
			if !strings.Contains(text, line) {
				t.Errorf("%s.hash lacks %s", name, line)
			}
		}
	}
	for _, file := range files(t, "configs/*_defconfig") {
		text := read(t, file)
		if !strings.Contains(text, "BR2_DOWNLOAD_FORCE_CHECK_HASHES=y\n") {
			t.Errorf("%s takes downloads without hashes", file)
		}
		for prefix, hashes := range map[string]string{"BR2_LINUX_KERNEL": "linux/linux.hash linux-%s.tar.xz", "BR2_TARGET_UBOOT": "uboot/uboot.hash u-boot-%s.tar.bz2"} {
			version := regexp.MustCompile(`(?m)^` + prefix + `_CUSTOM_VERSION_VALUE="(.*)"$`).FindStringSubmatch(text)
			hash, source, _ := strings.Cut(hashes, " ")
			if version != nil && !strings.Contains(read(t, "patches/"+hash), "  "+fmt.Sprintf(source, version[1])+"\n") {
				t.Errorf("%s: %s has no hash of version %s", file, hash, version[1])
			}
		}
	}
}

// Buildroot builds with its own Go and fetches no other.
func TestOldestGo(t *testing.T) {
	line := regexp.MustCompile(`(?m)^go (\d+)\.(\d+)(?:\.(\d+))?$`)
	number := func(text string) (n [3]int) {
		if _, err := fmt.Sscanf(text+".0", "%d.%d.%d", &n[0], &n[1], &n[2]); err != nil {
			t.Fatal(err)
		}
		return n
	}
	m := line.FindString(read(t, "../go.mod"))
	ours, theirs := number(strings.TrimPrefix(m, "go ")), number(oldestGo)
	if slices.Compare(ours[:], theirs[:]) > 0 {
		t.Errorf("go.mod asks for %s, and the oldest Buildroot that is meant has %s", m, oldestGo)
	}
}

// Start scripts are not executable here, since the package installs them so; what
// Buildroot calls is.
func TestModes(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "-s", "--", ".", "../dist").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		mode, file := line[:6], line[strings.Index(line, "\t")+1:len(line)-1]
		base := filepath.Base(file)
		script := strings.HasPrefix(read(t, file), "#!") && !regexp.MustCompile(`^S\d\d`).MatchString(base)
		if want := map[bool]string{true: "100755", false: "100644"}[script]; mode != want {
			t.Errorf("%s has mode %s in git, and wants %s", file, mode, want)
		}
	}
}
