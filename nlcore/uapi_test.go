package nlcore

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var ourNumbers = map[string]int{
	"NLMSGERR_ATTR_POLICY":    nlmsgerrAttrPolicy,
	"NLMSGERR_ATTR_MISS_TYPE": nlmsgerrAttrMissType,
	"NLMSGERR_ATTR_MISS_NEST": nlmsgerrAttrMissNest,
}

// The numbers that are ours are those of the installed header.
func TestNumbersAreTheHeaders(t *testing.T) {
	_, enum, ok := strings.Cut(headerText(t), "enum nlmsgerr_attrs {")
	if !ok {
		t.Fatal("no enum nlmsgerr_attrs")
	}
	enum, _, _ = strings.Cut(enum, "}")
	seen := 0
	for n, name := range regexp.MustCompile(`\bNLMSGERR_ATTR_[A-Z_]+`).FindAllString(enum, -1) {
		if ours, ok := ourNumbers[name]; ok {
			if seen++; ours != n {
				t.Errorf("%s is %d, ours is %d", name, n, ours)
			}
		}
	}
	if seen != len(ourNumbers) {
		t.Errorf("%d of %d numbers are in the header", seen, len(ourNumbers))
	}
}

// Once x/sys has a number, ours must go.
func TestNumbersAreNotInXSys(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(string(out))
	for name := range ourNumbers {
		if err := exec.Command("grep", "-rqw", "--include=*_linux.go", name, dir).Run(); err == nil {
			t.Errorf("x/sys has %s now", name)
		}
	}
	if err := exec.Command("grep", "-rqw", "--include=*_linux.go", "NLMSGERR_ATTR_MSG", dir).Run(); err != nil {
		t.Errorf("the search finds nothing in %s: %v", dir, err)
	}
}
