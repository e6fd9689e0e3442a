package qemu

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/u-root/u-root/pkg/cpio"
)

// routerImage is what a board gets.
const routerImage = "../build/image/router.cpio"

// contents gives what is in the image: a row for each file, one for all modules of the
// kernel, and one for the links of the single binary's commands; in bytes.
func contents(t *testing.T) (sizes map[string]int, commands []string) {
	t.Helper()
	text, err := os.ReadFile(routerImage)
	if err != nil {
		t.Fatalf("%v: run `make image`", err)
	}
	sizes = map[string]int{}
	err = cpio.ForEachRecord(cpio.Newc.Reader(bytes.NewReader(text)), func(r cpio.Record) error {
		name := r.Name
		switch {
		case strings.HasPrefix(name, "lib/modules/"):
			name = "lib/modules/RELEASE"
			if strings.HasSuffix(r.Name, extra) {
				name += extra
			}
		case strings.HasPrefix(name, "bbin/") && r.FileSize <= 64:
			commands = append(commands, strings.TrimPrefix(name, "bbin/"))
			return nil
		}
		if r.FileSize > 0 {
			sizes[name] += int(r.FileSize)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(commands)
	return sizes, commands
}

const extra = "/extra/hellobye.ko"

// budget gives a row of the file budget.
func budget(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile("../budget")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == name {
			if n, err := strconv.Atoi(words[1]); err == nil {
				return n
			}
		}
	}
	t.Fatalf("the file budget has no row for %s", name)
	return 0
}

// TestInitramfsSize: what every board carries, without the modules of its kernel.
func TestInitramfsSize(t *testing.T) {
	sizes, _ := contents(t)
	sum := 0
	for name, size := range sizes {
		if !strings.HasPrefix(name, "lib/modules/") {
			sum += size
		}
	}
	if most := budget(t, "initramfs"); sum > most || sum < most/2 {
		t.Errorf("the image has %d bytes without modules; the budget is %d", sum, most)
	}
}

// contentPage has the table between these lines.
const (
	contentPage  = "../docs/u-root.md"
	contentBegin = "<!-- written by UPDATE=1 go test -run TestContents . -->\n"
	contentEnd   = "\nThe commands"
)

// TestContents: docs/u-root.md lists what is in the image (UPDATE=1 writes it). Sizes may
// differ by a tenth: a compiler is newer, a key is added.
func TestContents(t *testing.T) {
	sizes, commands := contents(t)
	table := "| file | KiB |\n| --- | ---: |\n"
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		table += fmt.Sprintf("| `%s` | %.1f |\n", name, float64(sizes[name])/1024)
	}
	text, err := os.ReadFile(contentPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), contentBegin)
	old, after, ok2 := strings.Cut(rest, contentEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", contentPage)
	}
	_, after, _ = strings.Cut(after, "\n")
	line := fmt.Sprintf(" of `bbin/bb`: %s.\n", strings.Join(commands, ", "))
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(contentPage, []byte(before+contentBegin+table+contentEnd+line+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !strings.Contains(string(text), contentEnd+line) {
		t.Errorf("%s does not list the commands as\n%s", contentPage, line)
	}
	listed := map[string]float64{}
	for row := range strings.Lines(old) {
		if words := strings.Fields(row); len(words) == 5 && strings.HasPrefix(words[1], "`") {
			listed[strings.Trim(words[1], "`")], err = strconv.ParseFloat(words[3], 64)
			if err != nil {
				t.Error(err)
			}
		}
	}
	for name, size := range sizes {
		was, ok := listed[name]
		if now := float64(size) / 1024; !ok || now > was*1.1+0.2 || now < was*0.9-0.2 {
			t.Errorf("%s has %.1f KiB, and %s says %.1f", name, now, contentPage, was)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s lists %s, which is not in the image", contentPage, name)
	}
}
