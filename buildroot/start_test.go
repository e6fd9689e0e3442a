package buildroot

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// write makes files below a folder, for the map's names; scripts are executable.
func write(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
}

// onPath gives a script whose calls of /usr/bin/bootlink go to a program that notes its
// words in DIR/said and fails where they contain $FAIL.
func onPath(t *testing.T, dir, script string) string {
	t.Helper()
	write(t, dir, map[string]string{
		"bootlink": "#!/bin/sh\necho \"$*\" >>" + dir + "/said\ncase \"$*\" in $FAIL) exit 1 ;; esac\n",
		"script":   strings.ReplaceAll(read(t, script), "/usr/bin/", dir+"/"),
	})
	return filepath.Join(dir, "script")
}

// S40bootlink applies once, and falls back to what was good before.
func TestStartScript(t *testing.T) {
	for _, c := range []struct{ word, fail, said, ends string }{
		{"start", "never", "apply", "OK"},
		{"reload", "never", "apply", "OK"},
		{"start", "apply", "apply\napply --config /var/lib/bootlink/last-good.toml", "OK"},
		{"start", "*", "apply\napply --config /var/lib/bootlink/last-good.toml", "FAIL"},
		{"stop", "*", "", ""},
		{"what", "never", "", "Usage: S {start|stop|restart|reload}"},
	} {
		dir := t.TempDir()
		script := onPath(t, dir, "package/bootlink/S40bootlink")
		cmd := exec.Command("sh", script, c.word)
		cmd.Env = append(os.Environ(), "FAIL="+c.fail)
		out, err := cmd.CombinedOutput()
		said, _ := os.ReadFile(filepath.Join(dir, "said"))
		ends := strings.ReplaceAll(strings.TrimSpace(string(out)), script, "S")
		if strings.TrimSpace(string(said)) != c.said || !strings.HasSuffix(ends, c.ends) || (err == nil) != (c.ends == "OK" || c.ends == "") {
			t.Errorf("%s where %q fails: it said %q, printed %q, ended with %v", c.word, c.fail, said, out, err)
		}
	}
}

// The inittab has one line, however often an image is made and whatever was chosen
// before; the script and that line never stand together.
func TestInittab(t *testing.T) {
	dir := t.TempDir()
	stock := "::sysinit:/etc/init.d/rcS\n"
	write(t, dir, map[string]string{"etc/inittab": stock, "etc/init.d/S40bootlink": "#!/bin/sh\n"})
	have := func() (string, bool) {
		_, err := os.Stat(filepath.Join(dir, "etc/init.d/S40bootlink"))
		return read(t, filepath.Join(dir, "etc/inittab")), err == nil
	}
	for _, c := range []struct {
		choice, init, line string
		script             bool
	}{
		{"APPLY", "BUSYBOX", "", true},
		{"RUN", "BUSYBOX", "::respawn:/usr/bin/bootlink run\n", false},
		{"RUN", "BUSYBOX", "::respawn:/usr/bin/bootlink run\n", false},
		{"RUN", "SYSV", "bl:2345:respawn:/usr/bin/bootlink run\n", false},
		{"NONE", "BUSYBOX", "", false},
	} {
		if got := makes(t, "value-BOOTLINK_TARGET_FINALIZE_HOOKS", "BR2_INIT_"+c.init+yes); got != "BOOTLINK_FINISH_INITTAB" {
			t.Errorf("hooks: %q", got)
		}
		makes(t, "run-BOOTLINK_FINISH_INITTAB", "T="+dir, "BR2_PACKAGE_BOOTLINK_START_"+c.choice+yes, "BR2_INIT_"+c.init+yes)
		if text, script := have(); text != stock+c.line || script != c.script {
			t.Errorf("%s: S40bootlink is there: %v; inittab:\n%s", c.choice, script, text)
		}
	}
	for choice, want := range map[string]bool{"APPLY": true, "RUN": false, "NONE": false} {
		if got := makes(t, "value-BOOTLINK_INSTALL_INIT_SYSV", "BR2_PACKAGE_BOOTLINK_START_"+choice+yes); (got != "") != want {
			t.Errorf("%s installs %q", choice, got)
		}
	}
}

// Units of other init systems: systemd's own check, and what each has to say.
func TestUnits(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"bootlink.service", "bootlink-apply.service"} {
		unit := strings.ReplaceAll(read(t, "../dist/systemd/"+name), "/usr/bin/bootlink", "/bin/true")
		write(t, dir, map[string]string{name: unit})
		if out, err := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, name)).CombinedOutput(); err != nil || strings.Contains(string(out), name) {
			t.Errorf("systemd-analyze: %v\n%s", err, out)
		}
	}
	for _, script := range files(t, "../dist/s6/bootlink/run", "../dist/procd/bootlink", "../dist/openrc/bootlink", "package/bootlink/S40bootlink", "board/common/*.sh") {
		for _, check := range [][]string{{"sh", "-n"}, {"shellcheck"}} {
			if out, err := exec.Command(check[0], append(check[1:], script)...).CombinedOutput(); err != nil {
				t.Errorf("%v %s: %v\n%s", check, script, err, out)
			}
		}
	}
	if line := makes(t, "value-BOOTLINK_INITTAB", "BR2_PACKAGE_BOOTLINK_START_RUN"+yes); !strings.HasSuffix(read(t, "../dist/busybox/inittab"), "\n"+line+"\n") {
		t.Errorf("dist/busybox/inittab has not %q", line)
	}
}

// Commands and flags that our files call are the binary's.
func TestCallsAreKnown(t *testing.T) {
	tools := hostTools(t)
	for _, command := range []string{"run --ready-fd", "reload", "apply --config", "wait --timeout", "check --caps", "plan --exit-code"} {
		word, flag, _ := strings.Cut(command, " ")
		out, _ := exec.Command(filepath.Join(tools, "bootlink"), word, "--help").CombinedOutput()
		if !strings.Contains(string(out), "usage: bootlink "+word) || !strings.Contains(string(out), flag) {
			t.Errorf("bootlink has no %s:\n%s", command, out)
		}
	}
}

// hostTools builds what host-bootlink installs.
func hostTools(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir+"/", "./cmd/bootlink", "./cmd/kernelcaps")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// check-router.sh lets through what the kernel can do, and says of all else what is
// missing and what brings it.
func TestRefusedImage(t *testing.T) {
	tools := hostTools(t)
	const (
		router = "version = 1\n[link.br]\nkind = \"bridge\"\n"
		bridge = "CONFIG_NET=y\nCONFIG_INET=y\nCONFIG_IPV6=y\nCONFIG_MODULES=y\n"
		linux  = "BR2_LINUX_KERNEL=y\n"
	)
	for _, c := range []struct {
		name, config, router, kernel string
		files                        map[string]string // of the image
		says                         string            // "": it is let through
	}{
		{"built in", linux, router, bridge + "CONFIG_BRIDGE=y\n", nil, ""},
		{"a module that is there", linux, router, bridge + "CONFIG_BRIDGE=m\n", map[string]string{"lib/modules/6.1.159/modules.dep": "kernel/net/bridge/bridge.ko:\n"}, ""},
		{"a module that is not", linux, router, bridge + "CONFIG_BRIDGE=m\n", nil, "link br needs kind bridge: this kernel has none (not installed)"},
		{"not built", linux, router, bridge, nil, "router.toml:2:7: link br needs kind bridge: this kernel has none (not built): enable CONFIG_BRIDGE"},
		{"a bus that is not built", linux, "version = 1\n[probe]\nrequire = [\"connector\"]\n", bridge, nil, "connector is required and missing"},
		{"a bad file", linux, "version = 1\n[link.br]\nkin = \"bridge\"\n", bridge, nil, "router.toml:3:1"},
		{"a bad file, no kernel", "", "version = 1\n[link.br]\nkin = \"bridge\"\n", bridge, nil, "router.toml:3:1"},
		{"no kernel", "", router, bridge, nil, ""},
		{"no file", linux, "", bridge, nil, ""},
		{"the module is there", linux, "version = 1\n[hello]\nmodule = \"hellobye\"\n", bridge, map[string]string{"lib/modules/6.1.159/extra/hellobye.ko": ""}, ""},
		{"the module is not", linux, "version = 1\n[hello]\nmodule = \"hellobye\"\n", bridge, nil, "wants module hellobye"},
		{"started twice", linux, router, bridge + "CONFIG_BRIDGE=y\n", map[string]string{"etc/init.d/S40bootlink": "", "etc/inittab": "::respawn:/usr/bin/bootlink run\n"}, "both S40bootlink and the inittab"},
		{"two that configure", linux, router, bridge + "CONFIG_BRIDGE=y\n", map[string]string{"etc/init.d/S40network": ""}, "BR2_PACKAGE_IFUPDOWN_SCRIPTS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{
				"config": c.config, "target/lib/modules/6.1.159/modules.builtin": "",
				"build/linux-custom/.config": "#\n# Linux/arm 6.1.159 Kernel Configuration\n#\n" + c.kernel, "build/linux-custom/include/config/kernel.release": "6.1.159\n",
			})
			if c.router != "" {
				write(t, dir, map[string]string{"target/etc/bootlink/router.toml": c.router})
			}
			write(t, filepath.Join(dir, "target"), c.files)
			write(t, dir, map[string]string{"host/bin/bootlink": "#!/bin/sh\nexec " + tools + "/bootlink \"$@\"\n", "host/bin/kernelcaps": "#!/bin/sh\nexec " + tools + "/kernelcaps \"$@\"\n"})
			cmd := exec.Command("board/common/check-router.sh", dir+"/target")
			cmd.Env = append(os.Environ(), "BR2_CONFIG="+dir+"/config", "BUILD_DIR="+dir+"/build", "HOST_DIR="+dir+"/host",
				"BOOTLINK_LINUX_DIR="+makes(t, "value-BOOTLINK_LINUX_DIR", "LINUX_DIR="+dir+"/build/linux-custom"))
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.says == "") || !strings.Contains(string(out), c.says) {
				t.Errorf("%v, without %q:\n%s", err, c.says, out)
			}
			if report, err := os.ReadFile(dir + "/build/bootlink-caps.json"); err == nil && !json.Valid(report) {
				t.Errorf("the report is no JSON:\n%s", report)
			}
		})
	}
}
