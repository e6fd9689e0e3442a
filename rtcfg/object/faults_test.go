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

// TestFaults reads faulty files: each case of testdata/faults*.txt is a title
// after "==", a file, and after "--" the faults that it must give, all of them.
func TestFaults(t *testing.T) {
	bad, seen := 0, map[string]bool{}
	for _, name := range []string{"testdata/faults.txt", "testdata/faults-classes.txt"} {
		bad += checkFaults(t, name, seen)
	}
	if bad < 240 {
		t.Errorf("%d cases with faults", bad)
	}
}

// checkFaults counts the cases of a file that are bad; seen are the titles that
// were there.
func checkFaults(t *testing.T, faultsFile string, seen map[string]bool) (bad int) {
	cases := faultCases(t, faultsFile)
	var out strings.Builder
	for _, c := range cases {
		title, rest, _ := strings.Cut(c, "\n")
		config, want, ok := strings.Cut(rest, "\n--\n")
		if !ok || seen[title] {
			t.Fatalf("%s: case %q has no faults, or is there twice", faultsFile, title)
		}
		seen[title] = true
		got := faultsOf(config)
		if got != "good" {
			bad++
		}
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
	return bad
}

func faultCases(t testing.TB, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split("\n"+string(text), "\n== ")[1:]
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
