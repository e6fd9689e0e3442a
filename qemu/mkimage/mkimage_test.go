package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What we write is read by GNU cpio, which knows the format from elsewhere.
func TestArchiveIsReadByCpio(t *testing.T) {
	cpio, err := exec.LookPath("cpio")
	if err != nil {
		t.Fatalf("%v: qemu/setup installs it", err)
	}
	var file bytes.Buffer
	if err := sample(t).write(&file); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(cpio, "-i", "--quiet", "--no-absolute-filenames")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(file.Bytes())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cpio: %v\n%s", err, out)
	}
	got := map[string]string{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		content, _ := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		got[name] = info.Mode().String() + " " + string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a": "drwxr-xr-x ", "a/b": "drwxr-xr-x ", "empty": "drwxr-xr-x ",
		"a/b/file": "-rwxr-xr-x new", "link": "Lrwxrwxrwx new",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if len(got) != 6 { // and the folder itself
		t.Errorf("%q", got)
	}
}

func sample(t *testing.T) archive {
	t.Helper()
	a := archive{}
	a.file("/a/b/file", []byte("old"), 0o644)
	a.file("a/b/file", []byte("new"), 0o755)
	a.link("link", "a/b/file")
	a.dir("empty")
	return a
}

func TestArchiveIsReproducible(t *testing.T) {
	write := func() []byte {
		var b bytes.Buffer
		if err := sample(t).write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	first := write()
	for range 20 { // maps have another order each time
		if !bytes.Equal(write(), first) {
			t.Fatal("the same records made other bytes")
		}
	}
}

// A merged archive keeps what it had, and later records win.
func TestMergeAndReplace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "base.cpio")
	if err := sample(t).writeFile(file); err != nil {
		t.Fatal(err)
	}
	a := archive{}
	if err := a.merge(file); err != nil {
		t.Fatal(err)
	}
	a.file("link", []byte("a file now"), 0o644)
	for name, want := range map[string]string{"a/b/file": "new", "link": "a file now"} {
		r := a[name]
		got, err := io.ReadAll(io.NewSectionReader(r, 0, int64(r.FileSize)))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// Lines as depmod writes them: all dependencies stand in each line.
const dep = `kernel/net/llc/llc.ko:
kernel/net/802/stp.ko: kernel/net/llc/llc.ko
kernel/net/bridge/bridge.ko: kernel/net/802/stp.ko kernel/net/llc/llc.ko
kernel/net/sched/sch_cake.ko:
kernel/net/sched/sch_htb.ko:
kernel/net/other.ko:
kernel/drivers/char/hw_random/virtio-rng.ko:
`

func TestClosure(t *testing.T) {
	const builtin = "kernel/net/ipv6/ipv6.ko\nkernel/net/sched/sch_fq_codel.ko\n"
	for _, c := range []struct{ patterns, want, err string }{
		{"bridge", "802/stp.ko bridge/bridge.ko llc/llc.ko", ""},
		{"sch_* llc", "llc/llc.ko sched/sch_cake.ko sched/sch_htb.ko", ""},
		{"virtio_rng", "kernel/drivers/char/hw_random/virtio-rng.ko", ""},
		{"ipv6 act_*", "", ""},
		{"bridge vrf", "", "module vrf: not in this kernel"},
		{"[", "", "[: syntax error in pattern"},
	} {
		got, err := closure(strings.NewReader(dep), builtin, strings.Fields(c.patterns))
		for i := range got {
			got[i] = strings.TrimPrefix(got[i], "kernel/net/")
		}
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: %v", c.patterns, err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %q, %v", c.patterns, got, err)
		}
	}
}

// ldd of this machine is the judge of what a program of this machine needs.
func TestLibraryClosure(t *testing.T) {
	program := "/bin/tar"
	out, err := exec.Command("ldd", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 3 && f[1] == "=>" {
			known[f[0]] = f[2]
		} else if len(f) > 0 && filepath.IsAbs(f[0]) {
			known[filepath.Base(f[0])] = f[0] // the loader
		}
	}
	got, err := libraryClosure([]string{program}, func(soname string) string { return known[soname] })
	if err != nil || len(got) < 2 {
		t.Fatalf("%q, %v", got, err)
	}
	for soname, file := range known {
		// Nobody has to name the loader, it is there anyway.
		if got[soname] != file && !strings.HasPrefix(soname, "ld-linux") {
			t.Errorf("%s: %q, ldd says %q", soname, got[soname], file)
		}
	}
	_, err = libraryClosure([]string{program}, func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "/bin/tar needs lib") {
		t.Errorf("%v", err)
	}
}

func TestMissingProductNamesTheTarget(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "bootlink")
	p := &paths{}
	ok, err := p.built(absent, "make arm")
	if ok || err == nil || !strings.HasSuffix(err.Error(), "bootlink: no such file or directory: make arm builds it") {
		t.Errorf("%v, %v", ok, err)
	}
	p.partial = true
	if ok, err := p.built(absent, "make arm"); ok || err != nil {
		t.Errorf("partial: %v, %v", ok, err)
	}
}

func TestPathsAreRelativeToTheRoot(t *testing.T) {
	root := t.TempDir()
	p, err := parse([]string{"-root", root, "-board", "board/other", "-out", "/elsewhere", "-test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{p.qemu, root + "/qemu"}, {p.kernel, root + "/qemu/out/kernel"}, {p.board, root + "/board/other"},
		{p.bootlink, root + "/build/arm/bootlink"}, {p.out, "/elsewhere"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s, want %s", c[0], c[1])
		}
	}
	if !p.test || p.partial {
		t.Errorf("%+v", p)
	}
}
