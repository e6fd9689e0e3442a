package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A batch is lines for one of iproute2's programs, for one process of it: to
// start one takes a guest longer than all else that it does.
type batch struct {
	program string
	options []string
	lines   []string
}

// batches splits a script where the next line is for another program, or has
// other options before its words: "-6 rule add" is for ip -6. It is for ip unless
// it begins with bridge, tc or wg.
func batches(script string) (list []batch) {
	for line := range strings.Lines(script) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		program := "ip"
		if words[0] == "bridge" || words[0] == "tc" || words[0] == "wg" {
			program, words = words[0], words[1:]
		}
		n := 0
		for n < len(words) && strings.HasPrefix(words[n], "-") {
			n++
		}
		options := words[:n]
		if last := len(list) - 1; last < 0 || list[last].program != program || !slices.Equal(list[last].options, options) {
			list = append(list, batch{program: program, options: options})
		}
		last := &list[len(list)-1]
		last.lines = append(last.lines, strings.Join(words[n:], " "))
	}
	return list
}

// A batchError says which line of a batch failed, and the program's words.
type batchError struct {
	batch
	line  int // the first is 0; all of them if that is not known
	words string
}

func (e *batchError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.program, strings.Join(e.lines[e.line:min(e.line+1, len(e.lines))], ""), e.words)
}

// run runs the lines up to the first that fails, and gives what they print.
func (b batch) run(ns *Namespace) (string, error) {
	var out, problems strings.Builder
	cmd := exec.Command(b.program, slices.Concat([]string{"-n", ns.Name}, b.options, []string{"-batch", "-"})...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(strings.Join(b.lines, "\n")+"\n"), &out, &problems
	err := cmd.Run()
	if err == nil {
		return out.String(), nil
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return "", err
	}
	e := &batchError{batch: b, line: len(b.lines), words: strings.TrimSpace(problems.String())}
	words, number, found := strings.Cut(e.words, "Command failed -:")
	if _, err := fmt.Sscan(number, &e.line); found && err == nil && e.line <= len(b.lines) {
		e.line, e.words = e.line-1, strings.TrimSpace(words)
	}
	return "", e
}

// lists runs lines of which each prints a list of objects.
func (b batch) lists(ns *Namespace) ([][]map[string]any, error) {
	b.options = append(slices.Clone(b.options), "-j")
	out, err := b.run(ns)
	if err != nil {
		return nil, err
	}
	return decodeLists(out)
}

// decodeLists reads JSON lists, one after the other.
func decodeLists(text string) (lists [][]map[string]any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	for {
		var list []map[string]any
		if err := d.Decode(&list); errors.Is(err, io.EOF) {
			return lists, nil
		} else if err != nil {
			return nil, fmt.Errorf("%w in\n%s", err, text)
		}
		lists = append(lists, list)
	}
}

// Lines runs each line of a script: of ip, or of bridge, tc or wg where the
// line begins with that word. Empty lines are passed over.
func (ns *Namespace) Lines(script string) {
	ns.t.Helper()
	for _, b := range batches(script) {
		if b.program == "wg" { // which knows no batches
			for _, line := range b.lines {
				ns.Exec(append([]string{"wg"}, strings.Fields(line)...)...)
			}
			continue
		}
		if _, err := b.run(ns); err != nil {
			ns.t.Fatal(err)
		}
	}
}

// LinkAfter runs commands of ip and gives what it then shows of a link, as
// [Namespace.Link] does. The error is a command's.
func (ns *Namespace) LinkAfter(t testing.TB, name string, commands ...string) (map[string]any, error) {
	t.Helper()
	b := batch{"ip", []string{"-d"}, append(slices.Clone(commands), "link show dev "+name)}
	lists, err := b.lists(ns)
	var failed *batchError
	if errors.As(err, &failed) && failed.line < len(commands) {
		return nil, err
	}
	if err != nil || len(lists) == 0 || len(lists[len(lists)-1]) != 1 {
		t.Fatalf("ip link show dev %s: %v, %v", name, lists, err)
	}
	flat := map[string]any{}
	flatten("", lists[len(lists)-1][0], flat)
	return flat, nil
}
