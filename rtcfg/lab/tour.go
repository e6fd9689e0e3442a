package lab

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A Command stands in a page, with what it prints.
type Command struct {
	Section string // the heading that it stands under
	Text    string // a "here document" included
	Output  string

	from, to int // where the output stands in the page
}

// A Page is a text in Markdown with blocks of commands and their output, so that what it
// shows is what there is.
type Page struct {
	File     string
	Commands []Command

	text string
}

// ReadPage reads the commands of a page that stand in blocks of a kind: "console".
func ReadPage(t testing.TB, file, kind string) *Page {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{File: file, text: string(text)}
	at, inside, here, section := 0, false, false, ""
	for line := range strings.Lines(p.text) {
		begin := at
		at += len(line)
		last := len(p.Commands) - 1
		switch {
		case !inside:
			inside = line == "```"+kind+"\n"
			if title, found := strings.CutPrefix(line, "## "); found {
				section = strings.TrimSpace(title)
			}
		case here:
			p.Commands[last].Text += line
			p.Commands[last].from, p.Commands[last].to = at, at
			here = line != "EOF\n"
		case line == "```\n":
			inside = false
		case strings.HasPrefix(line, "$ "):
			p.Commands = append(p.Commands, Command{Section: section, Text: line[2:], from: at, to: at})
			here = strings.HasSuffix(line, "<<'EOF'\n") || strings.HasSuffix(line, "<<EOF\n")
		default:
			p.Commands[last].Output += line
			p.Commands[last].to = begin + len(line)
		}
	}
	return p
}

// volatile is what differs from run to run.
var volatile = regexp.MustCompile(`\d\d:\d\d:\d\d\.\d+|time[= ]\d+(\.\d+)? ?m?s?|rtt .*|\b\d+(\.\d+)? ?(µs|ms|s)\b|[0-9.]+ packets a second|, id \d+, seq \d+|[0-9a-f]{80,}`)

// stable is a text without that, and as if duplicate address detection took no time.
func stable(text string) string {
	return volatile.ReplaceAllString(strings.ReplaceAll(text, " (tentative)", ""), "…")
}

// Check runs the commands and compares; with update it writes down what they print.
func (p *Page) Check(t testing.TB, update bool, run func(Command) string) {
	t.Helper()
	var b strings.Builder
	at := 0
	for _, c := range p.Commands {
		got := strings.ReplaceAll(run(c), " (tentative)", "")
		if stable(got) == stable(c.Output) {
			got = c.Output
		} else if !update {
			t.Errorf("%s: $ %sprints\n%s\nand the page says\n%s", p.File, c.Text, got, c.Output)
		}
		b.WriteString(p.text[at:c.from])
		b.WriteString(got)
		at = c.to
	}
	b.WriteString(p.text[at:])
	if text := b.String(); update && text != p.text {
		if err := os.WriteFile(p.File, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
