package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const manualPage = "../../docs/man/bootlink.8"

// TestManual: docs/man/bootlink.8 is what the table of commands says (-update writes it),
// and mandoc has nothing against it.
func TestManual(t *testing.T) {
	text := manual()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(manualPage, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(manualPage); err != nil || !bytes.Equal(have, text) {
		t.Errorf("docs/man/bootlink.8 is not what the table says (%v): UPDATE=1 go test ./cmd/bootlink -run TestManual", err)
	}
	if out, err := exec.Command("mandoc", "-Tlint", "-Wwarning", manualPage).CombinedOutput(); err != nil {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
	shown, err := exec.Command("mandoc", "-Tutf8", manualPage).Output()
	if err != nil || !strings.Contains(string(shown), "max-disruption") {
		t.Errorf("mandoc shows: %v\n%s", err, shown)
	}
	for _, c := range commands() {
		if !c.hidden && (c.example == "" || !strings.HasPrefix(c.example, "bootlink "+c.name)) {
			t.Errorf("%s has no example", c.name)
		}
	}
}

// escaped is text for mdoc(7).
func escaped(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// sentence begins a text with a capital and ends it with a full stop.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

func manual() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	flag := func(o option) {
		name := strings.TrimPrefix(o.dashed(), "-")
		if o.arg == "" {
			line(".It Fl %s", escaped(name))
		} else {
			line(".It Fl %s Ar %s", escaped(name), escaped(o.arg))
		}
		text := sentence(o.help)
		if o.initial != "" {
			text = strings.TrimSuffix(text, ".") + " (else " + o.initial + ")."
		}
		line("%s", escaped(text))
	}
	line(`.\" Made from the table of commands in cmd/bootlink/commands.go.`)
	line(".Dd November 30, 2026\n.Dt BOOTLINK 8\n.Os bootlink\n.Sh NAME\n.Nm bootlink\n.Nd make the network configuration of the kernel equal to one file")
	line(".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar flags")
	line(".Sh DESCRIPTION\n.Nm\nmakes links, addresses, routes, rules, neighbours, next hops and queueing disciplines\nequal to what\n.Xr router.toml 5\nsays, as one transaction,\nand keeps them so.")
	line(".Pp\nEvery command takes these flags:\n.Bl -tag -width Ds")
	for _, o := range commonOptions {
		flag(o)
	}
	line(".El\n.Sh COMMANDS\n.Bl -tag -width Ds")
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		line(".It Cm %s Op Ar flags", c.name)
		if c.args != "" {
			line(".Ar %s", escaped(c.args))
		}
		line("%s", escaped(sentence(c.help)))
		if c.flags != nil {
			line(".Bl -tag -width Ds")
			for _, o := range *c.flags {
				flag(o)
			}
			line(".El")
		}
		line(".Pp\nExample:\n.Dl %s", escaped(c.example))
	}
	line(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev NO_COLOR\nNothing is coloured.\n.It Ev NOTIFY_SOCKET\n.Cm run\ntells a service manager here that the network is configured.\n.El")
	line(".Sh FILES\n.Bl -tag -width Ds\n.It Pa /etc/bootlink/router.toml\nThe configuration.\n.It Pa /run/bootlink\nWhat is ours, and the undo log.\n.It Pa /var/lib/bootlink\nThe last good configurations.\n.El")
	line(".Sh EXIT STATUS\n.Bl -tag -width Ds")
	for _, s := range [...]struct {
		code int
		text string
	}{
		{exitDone, "Done, or nothing to do."}, {exitFailed, "It failed and was undone."}, {exitUsage, "The command line or the file is wrong."},
		{exitLacks, "The kernel lacks something that the file needs."}, {exitIncomplete, "It failed and could not be undone completely; what is left is printed."},
		{exitToDo, "plan \\-\\-exit\\-code: there is something to do."},
	} {
		line(".It %d\n%s", s.code, s.text)
	}
	line(".El\n.Sh SEE ALSO\n.Xr router.toml 5 ,\n.Xr ip 8")
	return b.Bytes()
}
