package rtcfg

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "write what comes out into testdata/include; then read the difference")

// TestInclude loads router.toml of each case of testdata/include: a folder of
// files as text. "-- name --" begins a file, "-- name/ --" is a folder and
// "-- name -> target --" a symbolic link; after "-- gives --" stand the objects
// with their places, or the faults.
func TestInclude(t *testing.T) {
	cases, err := filepath.Glob("testdata/include/*.txt")
	if err != nil || len(cases) < 25 {
		t.Fatalf("testdata/include: %d cases, %v", len(cases), err)
	}
	for _, name := range cases {
		name, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, want, ok := strings.Cut(string(text), "\n-- gives --\n")
			if !ok && !*update {
				t.Fatal("no section gives")
			}
			t.Chdir(t.TempDir())
			unpack(t, files)
			got := loaded("router.toml")
			if got == want {
				return
			}
			if !*update {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			} else if err := os.WriteFile(name, []byte(files+"\n-- gives --\n"+got), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// unpack makes the files of a case in the current folder.
func unpack(t *testing.T, text string) {
	t.Helper()
	for _, section := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, content, _ := strings.Cut(section+"\n", " --\n")
		name, target, link := strings.Cut(name, " -> ")
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		switch {
		case err != nil:
		case link:
			err = os.Symlink(target, name)
		case !strings.HasSuffix(name, "/"):
			err = os.WriteFile(name, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// loaded shows what a file asks for, or its faults.
func loaded(path string) string {
	want, err := Load(path)
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	for _, o := range want.Objects {
		fmt.Fprintf(&b, "%s: %s", o.Pos, o.ID)
		for _, key := range o.Values.Keys() {
			fmt.Fprintf(&b, " %s=%s", key, o.Values.Get(key))
			if at := o.Where(key); !at.IsZero() && at.File != o.Pos.File {
				fmt.Fprintf(&b, "(%s)", at)
			}
		}
		b.WriteString("\n")
	}
	for _, f := range want.RouteFiles {
		fmt.Fprintf(&b, "%s: table %d of %s\n", f.Pos, f.Table, strings.Join(f.Paths, ", "))
	}
	return b.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// 256 files can be included, and no more; what is above is told once.
func TestIncludeMany(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("d", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, "router.toml", "version = 1\ninclude = [\"d/000.toml\", \"d/*.toml\"]\n")
	for i := range maxFiles {
		write(t, fmt.Sprintf("d/%03d.toml", i), fmt.Sprintf("[link.e%d]\n", i))
	}
	want, err := Load("router.toml")
	if err != nil || len(want.Of(object.Link)) != maxFiles {
		t.Fatalf("%d files: %+v, %v", maxFiles, want, err)
	}
	for i := maxFiles; i < maxFiles+3; i++ {
		write(t, fmt.Sprintf("d/%03d.toml", i), "")
	}
	wantFault(t, "router.toml:2:26: these are more than 256 files: put several into one")
}

// An included file is as long as the including one may be.
func TestIncludeLarge(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "router.toml", "version = 1\ninclude = [\"large.toml\"]\n")
	write(t, "large.toml", "")
	if err := os.Truncate("large.toml", 16<<20+1); err != nil {
		t.Fatal(err)
	}
	wantFault(t, "large.toml: the file has more than 16 MiB: keep large route tables in a route_file")
}

// A pipe would be waited for without end.
func TestIncludePipe(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "router.toml", "version = 1\ninclude = [\"pipe\"]\n")
	if err := unix.Mkfifo("pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	wantFault(t, `router.toml:2:12: pipe is no ordinary file: name the files of a folder with a pattern, like "conf.d/*.toml"`)
}

func wantFault(t *testing.T, want string) {
	t.Helper()
	_, err := Load("router.toml")
	var faults conf.Faults
	if !errors.As(err, &faults) || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// A text without a folder cannot include files, in silence least of all.
func TestParseInclude(t *testing.T) {
	_, err := Parse("f", []byte("version = 1\ninclude = [\"conf.d/*.toml\"]\n"))
	if err == nil || err.Error() != "f:2:1: a text without a folder cannot include files: put it into a file" {
		t.Errorf("Parse: %v", err)
	}
}
