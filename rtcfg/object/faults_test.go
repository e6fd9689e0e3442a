package object_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

var update = flag.Bool("update", false, "write what comes out into testdata; then read the difference")

const faultsFile = "testdata/faults.txt"

// TestFaults reads faulty files: each case of testdata/faults.txt is a title
// after "==", a file, and after "--" the faults that it must give, all of them.
func TestFaults(t *testing.T) {
	text, err := os.ReadFile(faultsFile)
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split("\n"+string(text), "\n== ")[1:]
	if len(cases) < 60 {
		t.Fatalf("%d cases in %s", len(cases), faultsFile)
	}
	seen := map[string]bool{}
	var out strings.Builder
	for _, c := range cases {
		title, rest, _ := strings.Cut(c, "\n")
		config, want, ok := strings.Cut(rest, "\n--\n")
		if !ok || seen[title] {
			t.Fatalf("%s: case %q has no faults, or is there twice", faultsFile, title)
		}
		seen[title] = true
		got := faultsOf(config)
		if want = strings.TrimSpace(want); got != want && !*update {
			t.Errorf("%s:\n%s\ngives\n%s\nwant\n%s", title, config, got, want)
		}
		out.WriteString("== " + title + "\n" + config + "\n--\n" + got + "\n\n")
	}
	if *update {
		if err := os.WriteFile(faultsFile, []byte(strings.TrimSuffix(out.String(), "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func faultsOf(config string) string {
	root, faults := conf.Parse("", []byte(config))
	if len(faults) == 0 {
		_, faults = object.Read("", root)
	}
	if err := faults.Err(); err != nil {
		return err.Error()
	}
	return "good"
}
