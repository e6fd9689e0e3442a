package rtcfg

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/lab"
	"bootlink/rtcfg/object"
)

// Cases for a kernel with more link kinds: go test ./rtcfg -run Differ -differ testdata/guest
var differFolder = flag.String("differ", "testdata/differ", "`folder` of the cases of TestDiffer")

// A difference is a case of testdata/differ: what iproute2 is told and the file
// that must come to the same. The lines before a file's first title are
// the setup of all its cases.
//
//	link add v0 type veth peer name v1
//	== a title
//	rule add from 10.0.0.0/8 lookup 7 priority 9 protocol 98
//	--
//	[[rule]]
//	...
type difference struct{ title, setup, commands, config string }

func differences(t *testing.T) (list []difference) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(*differFolder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", *differFolder, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		topic := strings.TrimSuffix(filepath.Base(file), ".txt")
		parts := strings.Split("\n"+string(text), "\n== ")
		for _, part := range parts[1:] {
			title, rest, _ := strings.Cut(part, "\n")
			commands, config, ok := strings.Cut(rest, "\n--\n")
			if !ok {
				t.Fatalf("%s: case %q has no file", file, title)
			}
			list = append(list, difference{topic + "/" + title, parts[0], commands, config})
		}
	}
	return list
}

// TestDiffer builds each case twice, with iproute2 and with bootlink: the two
// must look the same to iproute2. Then nothing is left to write, and an empty
// file brings back what was there before.
func TestDiffer(t *testing.T) {
	for _, d := range differences(t) {
		t.Run(d.title, func(t *testing.T) {
			t.Parallel()
			theirs, ours := lab.New(t), &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}
			theirs.Lines(d.setup)
			theirs.Lines(d.commands)
			ours.Lines(d.setup)
			before := ours.Picture()
			ours.apply(desired(t, d.config))
			if diff := lab.Diff(theirs.Picture(), ours.Picture()); diff != "" {
				t.Errorf("iproute2 (-) and bootlink (+) differ:\n%s", diff)
			}
			ours.apply(desired(t, ""))
			if diff := lab.Diff(before, ours.Picture()); diff != "" {
				t.Errorf("before (-) and after (+) differ:\n%s", diff)
			}
		})
	}
}

// desired reads a configuration without its first line.
func desired(t *testing.T, config string) *object.Desired {
	t.Helper()
	root, faults := conf.Parse("f", []byte("version = 1\n"+config))
	want, more := object.Read("f", root)
	if err := append(faults, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return want
}
