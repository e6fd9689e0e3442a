package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// installed lists the files below a folder.
func installed(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != dir && !d.IsDir() {
			files = append(files, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// callsInstalled: a unit calls the binary where it has been installed.
func callsInstalled(t *testing.T, dir, unit string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, unit))
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range regexp.MustCompile(`/[a-z/]*bin/bootlink\b`).FindAllString(string(text), -1) {
		if _, err := os.Stat(filepath.Join(dir, program)); err != nil {
			t.Errorf("%s calls %s, which is not installed", unit, program)
		}
	}
}

// TestInstall: what `make install` and `make install-dkms` put in place works there, and
// `make uninstall` takes it away, and nothing else.
func TestInstall(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "usr/share/man/man8/ours.8")
	if err := os.MkdirAll(filepath.Dir(mine), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(argv ...string) string {
		t.Helper()
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Dir = "../.."
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", argv, err, out)
		}
		return string(out)
	}
	run("make", "install", "install-dkms", "DESTDIR="+dir, "PREFIX=/usr")
	have := installed(t, dir)
	for _, name := range []string{
		"usr/sbin/bootlink", "usr/share/man/man8/bootlink.8", "usr/share/man/man5/router.toml.5", "usr/share/bash-completion/completions/bootlink",
		"usr/share/zsh/site-functions/_bootlink", "usr/share/fish/vendor_completions.d/bootlink.fish",
		"usr/lib/systemd/system-preset/50-bootlink.preset", "usr/share/bootlink/dist/openrc/bootlink",
		"usr/src/hellobye-1.1/dkms.conf", "usr/src/hellobye-1.1/Kbuild", "usr/src/hellobye-1.1/main.c", "usr/src/hellobye-1.1/include/uapi/hellobye.h",
	} {
		if !slices.Contains(have, name) {
			t.Errorf("%s is not installed; there are\n%s", name, strings.Join(have, "\n"))
		}
	}
	for _, name := range have {
		if strings.Contains(name, "bootlink/dist/") || strings.Contains(name, "lib/systemd/") {
			callsInstalled(t, dir, name)
		}
	}
	units, err := filepath.Glob("../../dist/systemd/*.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range units {
		if name := "usr/lib/systemd/system/" + filepath.Base(unit); !slices.Contains(have, name) {
			t.Errorf("%s is not installed", name)
		}
	}
	if out := run(filepath.Join(dir, "usr/sbin/bootlink"), "version"); !strings.Contains(out, "bootlink") {
		t.Errorf("the installed binary says %q", out)
	}
	run("bash", "-n", filepath.Join(dir, "usr/share/bash-completion/completions/bootlink"))
	run("make", "uninstall", "DESTDIR="+dir, "PREFIX=/usr")
	if left := installed(t, dir); len(left) != 1 || filepath.Join(dir, left[0]) != mine {
		t.Errorf("afterwards there are %q; want ours.8 alone", left)
	}
}
