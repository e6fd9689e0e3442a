package nlcore

import (
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ourNumbers says in which enum of which header each number is, by the enum's
// first and last names.
var ourNumbers = map[string]struct {
	ours                int
	header, first, last string
}{
	"NLMSGERR_ATTR_POLICY":    {nlmsgerrAttrPolicy, "netlink.h", "NLMSGERR_ATTR_UNUSED", "__NLMSGERR_ATTR_MAX"},
	"NLMSGERR_ATTR_MISS_TYPE": {nlmsgerrAttrMissType, "netlink.h", "NLMSGERR_ATTR_UNUSED", "__NLMSGERR_ATTR_MAX"},
	"NLMSGERR_ATTR_MISS_NEST": {nlmsgerrAttrMissNest, "netlink.h", "NLMSGERR_ATTR_UNUSED", "__NLMSGERR_ATTR_MAX"},
	"IFA_PROTO":               {ifaProto, "if_addr.h", "IFA_UNSPEC", "__IFA_MAX"},
	"NDA_PROTOCOL":            {ndaProtocol, "neighbour.h", "NDA_UNSPEC", "__NDA_MAX"},
}

// The numbers that are ours are those of the installed headers.
func TestNumbersAreTheHeaders(t *testing.T) {
	comment := regexp.MustCompile(`(?s)/\*.*?\*/`)
	for name, n := range ourNumbers {
		text := comment.ReplaceAllString(kernelHeader(t, n.header), "")
		_, enum, ok := strings.Cut(text, n.first)
		enum, _, ok2 := strings.Cut(enum, n.last)
		if !ok || !ok2 {
			t.Fatalf("no enum from %s to %s", n.first, n.last)
		}
		names := regexp.MustCompile(`\w+`).FindAllString(enum, -1)
		if i := slices.Index(names, name); i+1 != n.ours {
			t.Errorf("%s is %d, ours is %d", name, i+1, n.ours)
		}
	}
}

func TestSkipStatsIsTheHeaders(t *testing.T) {
	define := regexp.MustCompile(`#define\s+RTEXT_FILTER_SKIP_STATS\s+\(1 << (\d+)\)`)
	m := define.FindStringSubmatch(kernelHeader(t, "rtnetlink.h"))
	if m == nil || 1<<atoi(t, m[1]) != rtextFilterSkipStats {
		t.Errorf("the header says %q", m)
	}
}

// Once x/sys has a number, ours must go.
func TestNumbersAreNotInXSys(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(string(out))
	names := slices.Collect(maps.Keys(ourNumbers))
	for _, name := range append(names, "RTEXT_FILTER_SKIP_STATS") {
		if err := exec.Command("grep", "-rqw", "--include=*_linux.go", name, dir).Run(); err == nil {
			t.Errorf("x/sys has %s now", name)
		}
	}
	if err := exec.Command("grep", "-rqw", "--include=*_linux.go", "NLMSGERR_ATTR_MSG", dir).Run(); err != nil {
		t.Errorf("the search finds nothing in %s: %v", dir, err)
	}
}
