package sysfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRead compares with os: sizes around those of the buffer, and files whose
// size the kernel does not tell.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	paths := []string{"/proc/sys/net/ipv4/ip_forward", "/sys/kernel/mm/transparent_hugepage/enabled"}
	for _, size := range []int{0, 1, 511, 512, 513, 1024, 100000} {
		path := filepath.Join(dir, "f")
		text := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d bytes: got %d, %v", size, len(got), err)
		}
	}
	for _, path := range paths {
		want, err := os.ReadFile(path)
		if got, gotErr := Read(path); !bytes.Equal(got, want) || (err == nil) != (gotErr == nil) {
			t.Errorf("%s: got %q, %v, want %q, %v", path, got, gotErr, want, err)
		}
	}
	for _, path := range []string{dir, filepath.Join(dir, "none"), filepath.Join(dir, "f", "x"), ""} {
		_, want := os.ReadFile(path)
		if _, err := Read(path); err == nil || err.Error() != want.Error() || errors.Is(err, fs.ErrNotExist) != errors.Is(want, fs.ErrNotExist) {
			t.Errorf("%q: got %v, want %v", path, err, want)
		}
	}
}

// TestReadMost reads what does not end, and what nobody writes.
func TestReadMost(t *testing.T) {
	for _, most := range []int{0, 1, 512, 513, 5000} {
		if got, err := ReadMost("/dev/zero", most); err != nil || len(got) != most {
			t.Errorf("%d bytes: got %d, %v", most, len(got), err)
		}
	}
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(fifo); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	for _, text := range []string{"one", strings.Repeat("long", 1e5), ""} {
		if err := Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("got %v, %v", info, err)
	}
	if err := Replace(filepath.Join(dir, "none", "x"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Replace(filepath.Join(dir, "folder"), nil); err == nil {
		t.Error("a folder was replaced by a file")
	}
	names, err := Names(dir)
	slices.Sort(names)
	if err != nil || !slices.Equal(names, []string{"folder", "state"}) {
		t.Errorf("left behind: %q, %v", names, err)
	}
}

// TestReplaceKeeps: what fails leaves what was there.
func TestReplaceKeeps(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	if err := Replace(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, []byte("new")); err == nil {
		t.Error("a link was followed")
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("got %q", got)
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := Write(path, "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := Write("/dev/full", "x"); err == nil || err.Error() != "write /dev/full: no space left on device" {
		t.Errorf("got %v", err)
	}
	os.WriteFile(path, []byte("abc"), 0o600)
	if err := Write(path, "xy"); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "xyc" {
		t.Errorf("got %q", got)
	}
}

func TestMakeFolder(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"a", "b/c/d", "b/c/d", "b/e/", "."} {
		if err := MakeFolder(filepath.Join(dir, path)); err != nil || !isFolder(filepath.Join(dir, path)) {
			t.Errorf("%s: %v", path, err)
		}
	}
	os.WriteFile(filepath.Join(dir, "file"), nil, 0o600)
	for _, path := range []string{"file", "file/x"} {
		if err := MakeFolder(filepath.Join(dir, path)); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	if err := MakeFolder("/"); err != nil {
		t.Error(err)
	}
}

func TestKinds(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "file"), nil, 0)
	for path, want := range map[string][2]bool{dir: {true, false}, filepath.Join(dir, "file"): {true, true}, filepath.Join(dir, "none"): {}, "/dev/null": {true, false}} {
		if got := [2]bool{Exists(path), IsRegular(path)}; got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if _, err := Names(filepath.Join(dir, "file")); err == nil {
		t.Error("a file has names in it")
	}
}
