package kmod

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tree makes a file system root with a modules.dep and a module file.
func tree(t *testing.T, dep, module string) (root, dir string) {
	t.Helper()
	root = t.TempDir()
	dir = filepath.Join(root, "lib/modules", Release())
	if err := os.MkdirAll(filepath.Join(dir, "extra"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"modules.dep": dep, "extra/hellobye.ko": module} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root, dir
}

func TestAbsent(t *testing.T) {
	var absent *AbsentError
	err := Load(t.Context(), Params{Root: t.TempDir()})
	if !errors.As(err, &absent) || !strings.Contains(err.Error(), "modules.dep") || !strings.Contains(err.Error(), "depmod") {
		t.Errorf("without modules.dep: %v", err)
	}
	root, _ := tree(t, "kernel/net/other.ko:\n", "")
	if err = Load(t.Context(), Params{Root: root}); !errors.As(err, &absent) || !strings.Contains(err.Error(), "does not list it") {
		t.Errorf("not in modules.dep: %v", err)
	}
	root, _ = tree(t, "extra/hellobye.ko:\nextra/gone.ko:\n", "")
	if err = Load(t.Context(), Params{Root: root, Module: "gone"}); !errors.As(err, &absent) || !strings.Contains(err.Error(), "cannot be opened") {
		t.Errorf("listed but not there: %v", err)
	}
}

func TestDependencies(t *testing.T) {
	_, dir := tree(t, "a/b.ko:\nextra/hello-bye.ko.xz: kernel/x.ko kernel/y.ko\n", "")
	got, err := dependencies(dir, "hello_bye")
	if want := "extra/hello-bye.ko.xz kernel/x.ko kernel/y.ko"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("dependencies = %q, %v; want %q", got, err, want)
	}
}

// A file that is no module of this kernel: the kernel itself says so, or this
// machine's kernel takes no modules at all; either way the errno is explained.
func TestRefused(t *testing.T) {
	root, dir := tree(t, "extra/hellobye.ko:\n", "\x7fELF rubbish\x00vermagic=5.4.0-old SMP mod_unload \x00")
	err := Load(t.Context(), Params{Root: root})
	var refused *LoadError
	if !errors.As(err, &refused) || refused.Mend == "" || refused.Path != filepath.Join(dir, "extra/hellobye.ko") {
		t.Fatalf("a file that is no module: %v", err)
	}
}

// Each errno of finit_module(2), with the state of the system that it comes from.
func TestReasons(t *testing.T) {
	root, dir := tree(t, "", "\x7fELF rubbish\x00vermagic=5.4.0-old SMP mod_unload \x00")
	file := filepath.Join(dir, "extra/hellobye.ko")
	put := func(name, text string) Params {
		root := t.TempDir()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return Params{Root: root}
	}
	for _, c := range []struct {
		name  string
		r     refusal
		errno unix.Errno
		want  string
	}{
		{"another kernel", refusal{Params{Root: root}, file}, unix.ENOEXEC, "it was built for kernel 5.4.0-old, and this is " + Release()},
		{"no vermagic", refusal{Params{}, file + ".xz"}, unix.ENOEXEC, "it was not built for this kernel, which is " + Release()},
		{"number of generic netlink", refusal{Params{HelloProto: 16, ByeProto: 31}, file}, unix.EBUSY, "netlink number 16 is taken, probably by generic: unload the owner, or choose another number: hello_proto = 22"},
		{"number of user space", refusal{Params{HelloProto: 30, ByeProto: 2}, file}, unix.EBUSY, "netlink number 2 is taken, probably by usersock: unload the owner, or choose another number: bye_proto = 22"},
		{"number free here", refusal{Params{HelloProto: 30, ByeProto: 31}, file}, unix.EBUSY, "number 30 or 31 is taken, perhaps in another network namespace"},
		{"modules disabled", refusal{put("proc/sys/kernel/modules_disabled", "1\n"), file}, unix.EPERM, "kernel.modules_disabled is 1"},
		{"signature", refusal{Params{}, file}, unix.EKEYREJECTED, "sign the module"},
		{"compressed", refusal{Params{}, file + ".xz"}, unix.EOPNOTSUPP, "CONFIG_MODULE_DECOMPRESS"},
		{"compressed, old kernel", refusal{Params{}, file + ".xz"}, unix.EINVAL, "CONFIG_MODULE_DECOMPRESS"},
		{"parameters", refusal{Params{}, file}, unix.EINVAL, "rejects its parameters"},
		{"symbol", refusal{Params{}, file}, unix.ENOENT, "a symbol that this kernel has not"},
		{"unforeseen", refusal{Params{}, file}, unix.ENOMEM, "cannot allocate memory: the kernel's log (dmesg) has the reason"},
	} {
		err := c.r.explain(c.errno)
		if !errors.Is(err, c.errno) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant in it: %s", c.name, err, c.want)
		}
	}
}

// Without the capability the kernel says EPERM; with it, lockdown is looked at.
func TestForbidden(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "sys/kernel/security"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "sys/kernel/security/lockdown"), []byte("none [integrity] confidentiality\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "this process has no CAP_SYS_MODULE"
	if capable(unix.CAP_SYS_MODULE) {
		want = "the kernel is locked down (none [integrity] confidentiality)"
	}
	if why, _ := (refusal{Params{Root: root}, ""}).forbidden(); !strings.HasPrefix(why, want) {
		t.Errorf("forbidden because %q; want %q", why, want)
	}
}

func TestNotLoadedYet(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "sys/module/hellobye/parameters")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"hello_proto": "19\n", "bye_proto": "21\n", "../initstate": "coming\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if p, ok := loaded(root, Name); ok {
		t.Errorf("a module that is still coming is loaded: %+v", p)
	}
}

func TestOtherNumbers(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "sys/module/hellobye/parameters")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"hello_proto": "22\n", "bye_proto": "23\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if p, ok := loaded(root, Name); !ok || p.HelloProto != 22 || p.ByeProto != 23 {
		t.Errorf("loaded = %+v, %v", p, ok)
	}
	if err := Load(t.Context(), Params{Root: root, HelloProto: 22, ByeProto: 23}); err != nil {
		t.Errorf("the same numbers: %v", err)
	}
	err := Load(t.Context(), Params{Root: root})
	if err == nil || !strings.Contains(err.Error(), "hello_proto=22 bye_proto=23 and not 19 and 21") {
		t.Errorf("other numbers: %v", err)
	}
}

func TestBusModules(t *testing.T) {
	root, dir := tree(t, "", "")
	if _, ok := BusModules(root); ok {
		t.Error("there is no modules.alias, and yet it was read")
	}
	text := "# Aliases\nalias net-pf-16-proto-8 scsi_transport_iscsi\nalias net-pf-16-proto-16-family-wireguard wireguard\nalias net-pf-16-proto-19 hellobye\n"
	if err := os.WriteFile(filepath.Join(dir, "modules.alias"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, ok := BusModules(root)
	if !ok || len(got) != 2 || got[8] != "scsi_transport_iscsi" || got[19] != "hellobye" {
		t.Errorf("BusModules = %v, %v", got, ok)
	}
}
