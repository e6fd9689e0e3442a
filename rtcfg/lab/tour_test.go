package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A page's commands know their heading, keep their here documents, and get what they
// print when they are told to.
func TestPage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const page = "# Page\n## One\n```console\n$ cat > x <<EOF\n$ no command\n## no heading\nEOF\n$ a\nold\n```\n## Two\n```console guest\n$ not this kind\n```\n```console\n$ b\n```\n"
	write(page)
	var got strings.Builder
	ReadPage(t, file, "console").Check(t, true, func(c Command) string {
		got.WriteString(c.Section + "|" + c.Text)
		return map[string]string{"a\n": "new\n", "b\n": ""}[c.Text]
	})
	if want := "One|cat > x <<EOF\n$ no command\n## no heading\nEOF\nOne|a\nTwo|b\n"; got.String() != want {
		t.Errorf("the commands are\n%s\nwant\n%s", got.String(), want)
	}
	text, err := os.ReadFile(file)
	if want := strings.Replace(page, "old", "new", 1); err != nil || string(text) != want {
		t.Errorf("the page becomes\n%s\n%v; want\n%s", text, err, want)
	}
}
