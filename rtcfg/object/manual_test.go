package object

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

const manualPage = "../../docs/man/router.toml.5"

// TestManual: docs/man/router.toml.5 says the same as docs/router.toml.md (-update writes
// it), and mandoc has nothing against it.
func TestManual(t *testing.T) {
	root := layout()
	p := &page{words: readWords(t)}
	p.section(&root, "")
	text := manual(p.text.String())
	if flag.Lookup("update").Value.String() == "true" { // that of TestFaults
		if err := os.WriteFile(manualPage, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(manualPage); err != nil || !bytes.Equal(have, text) {
		t.Errorf("docs/man/router.toml.5 is not what the rows say (%v): go test ./rtcfg/object -run TestManual -update", err)
	}
	if out, err := exec.Command("mandoc", "-Tlint", "-Wwarning", manualPage).CombinedOutput(); err != nil {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
	shown, err := exec.Command("mandoc", "-Tutf8", manualPage).Output()
	if err != nil || !bytes.Contains(regexp.MustCompile(".\x08").ReplaceAll(shown, nil), []byte("vlan_filtering")) { // bold is typed twice
		t.Errorf("mandoc shows: %v\n%s", err, shown)
	}
}

// manual makes mdoc(7) of the page's sections and tables.
func manual(markdown string) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	plain := func(text string) string {
		text = strings.NewReplacer("`", "", `\|`, "|", `\`, `\e`, "-", `\-`).Replace(strings.TrimSpace(text))
		if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
			text = `\&` + text
		}
		return strings.ReplaceAll(text, ". ", ".\n") // mdoc wants sentences to begin lines
	}
	line(`.\" Made from the rows of rtcfg/object.`)
	line(".Dd November 30, 2026\n.Dt ROUTER.TOML 5\n.Os bootlink\n.Sh NAME\n.Nm router.toml\n.Nd the network configuration that bootlink makes")
	line(".Sh DESCRIPTION\nA TOML file.\nKeys are those of\n.Xr ip 8 .\nUnknown keys are errors.\nWhat is not there is left alone.")
	tables, list := false, false
	end := func() {
		if list {
			line(".El")
		}
		list = false
	}
	for text := range strings.Lines(markdown) {
		text = strings.TrimSpace(text)
		switch {
		case text == "" || strings.HasPrefix(text, "|---") || strings.HasPrefix(text, "| key |"):
		case strings.HasPrefix(text, "#"):
			end()
			if !tables {
				line(".Sh TABLES")
			}
			tables = true
			line(".Ss %s", plain(strings.TrimLeft(text, "# ")))
		case strings.HasPrefix(text, "|"):
			if !list {
				line(".Bl -tag -width Ds")
			}
			list = true
			cells := strings.Split(strings.ReplaceAll(text, `\|`, "\x00"), " | ")
			for i := range cells {
				cells[i] = plain(strings.ReplaceAll(strings.Trim(cells[i], "| "), "\x00", "|"))
			}
			line(".It Cm %s", cells[0])
			facts := cells[1]
			if cells[2] != "" {
				facts += "; of a new one: " + cells[2]
			}
			if cells[3] != "" {
				facts += "; a change: " + strings.Trim(cells[3], "*")
			}
			line("%s\n.Pq %s", cells[len(cells)-1], facts)
		default:
			end()
			line("%s", plain(text))
		}
	}
	end()
	line(".Sh SEE ALSO\n.Xr bootlink 8 ,\n.Xr ip 8")
	return b.Bytes()
}
