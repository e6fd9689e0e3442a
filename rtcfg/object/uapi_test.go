package object

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ownNumbers are those that stand in this package because x/sys lacks them.
var ownNumbers = []struct {
	name, header string
	value        int
}{
	{"VETH_INFO_PEER", "veth.h", vethInfoPeer},
	{"IFA_PROTO", "if_addr.h", ifaProto},
	{"NDA_PROTOCOL", "neighbour.h", ndaProtocol},
	{"RTA_NH_ID", "rtnetlink.h", rtaNHID},
	{"NHA_FDB", "nexthop.h", nhaFDB},
	{"NHA_RES_GROUP", "nexthop.h", nhaResGroup},
	{"IF_OPER_UP", "if.h", ifOperUp},
	{"IPV4_DEVCONF_PROMOTE_SECONDARIES", "ip.h", devconfPromote},
	{"IP6_RT_PRIO_USER", "ipv6_route.h", ipv6Metric},
}

// TestOwnNumbers reads them in the kernel's headers, and wants them gone once
// x/sys has them.
func TestOwnNumbers(t *testing.T) {
	sys, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(sys)), "unix", "z*_linux.go"))
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	if !strings.Contains(all.String(), "IFA_LOCAL") {
		t.Fatalf("no constants in %s", sys)
	}
	for _, c := range ownNumbers {
		text, err := os.ReadFile("/usr/include/linux/" + c.header)
		if err != nil {
			t.Fatalf("%v: install linux-libc-dev", err)
		}
		got, err := headerValue(string(text), c.name)
		if err != nil || got != c.value {
			t.Errorf("%s is %d in %s (%v); we have %d", c.name, got, c.header, err, c.value)
		}
		if regexp.MustCompile(`\b` + c.name + `\b`).MatchString(all.String()) {
			t.Errorf("x/sys/unix has %s now: use it", c.name)
		}
	}
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	enums    = regexp.MustCompile(`(?s)enum[^{;]*\{(.*?)\}`)
)

// headerValue finds a macro's value, or a name's place in its enumeration.
func headerValue(header, name string) (int, error) {
	header = comments.ReplaceAllString(header, "")
	if m := regexp.MustCompile(`(?m)^#define\s+` + name + `\s+(\w+)`).FindStringSubmatch(header); m != nil {
		n, err := strconv.ParseInt(m[1], 0, 64)
		return int(n), err
	}
	for _, enum := range enums.FindAllStringSubmatch(header, -1) {
		value := -1
		for word := range strings.SplitSeq(enum[1], ",") {
			key, number, given := strings.Cut(strings.TrimSpace(word), "=")
			value++
			if given {
				n, err := strconv.ParseInt(strings.TrimSpace(number), 0, 64)
				if err != nil {
					break // an expression: nothing of ours
				}
				value = int(n)
			}
			if strings.TrimSpace(key) == name {
				return value, nil
			}
		}
	}
	return 0, fmt.Errorf("no %s", name)
}

func TestHeaderValue(t *testing.T) {
	const header = "#define A 7\n/* B, */ enum {\n\tX, // Y\n\tZ = 5,\n\tW,\n};\n"
	for name, want := range map[string]int{"A": 7, "X": 0, "Z": 5, "W": 6} {
		if got, err := headerValue(header, name); got != want || err != nil {
			t.Errorf("headerValue(%s) = %d, %v; want %d", name, got, err, want)
		}
	}
	if _, err := headerValue(header, "Y"); err == nil {
		t.Error("Y is a comment")
	}
}
