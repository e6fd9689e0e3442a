package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// onTerminal runs a command whose standard output is a terminal of so many columns.
func (r *router) onTerminal(columns uint16, env []string, args ...string) string {
	r.t.Helper()
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	defer pty.Close()
	number, err := unix.IoctlGetUint32(int(pty.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(pty.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(pty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = tty, tty
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	tty.Close()
	text, _ := io.ReadAll(pty) // ends with EIO once nobody has the terminal open
	if err := cmd.Wait(); err != nil {
		r.t.Errorf("%v: %v", args, err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// On a terminal lines fit and words are coloured; elsewhere, and where NO_COLOR says so,
// there is nothing but text.
func TestStatusOnATerminal(t *testing.T) {
	r := newRouter(t, devices, whole)
	r.settled()
	r.IP("link", "set", "wan", "mtu", "1400")
	for _, columns := range []uint16{200, 40} {
		shown := r.onTerminal(columns, []string{"TERM=xterm"}, r.args("status")...)
		plain := ansi.ReplaceAllString(shown, "")
		if plain == shown {
			t.Errorf("nothing is coloured:\n%q", shown)
		}
		_, links, _ := strings.Cut(plain, "\nlinks\n")
		links, _, _ = strings.Cut(links, "\nroutes\n")
		for _, line := range strings.Split(links, "\n") {
			if utf8.RuneCountInString(line) > int(columns) {
				t.Errorf("%d columns are too few for %q", columns, line)
			}
		}
		if columns == 200 && (!strings.Contains(shown, "\x1b[33m[differs]\x1b[0m") || plain != r.run("status").stdout) {
			t.Errorf("on a terminal:\n%s\nelsewhere:\n%s", shown, r.run("status").stdout)
		}
	}
	for _, env := range []string{"NO_COLOR=1", "TERM=dumb"} {
		if shown := r.onTerminal(200, []string{env}, r.args("status")...); strings.Contains(shown, "\x1b") {
			t.Errorf("%s, and yet: %q", env, shown)
		}
	}
}

// Graphviz draws what --dot prints, and finds each link and each arrow in it.
func TestStatusDot(t *testing.T) {
	r := newRouter(t, devices, whole)
	r.settled()
	cmd := exec.Command("dot", "-Tplain")
	cmd.Stdin = strings.NewReader(r.run("status", "--dot").stdout)
	o := finish(t, cmd)
	if o.code != 0 || o.stderr != "" {
		t.Fatal(o)
	}
	for _, words := range []string{`node "br-lan" `, "\nnode lan1 ", "\nedge lan1 \"br-lan\" "} {
		if !strings.Contains(o.stdout, words) {
			t.Errorf("lacks %q:\n%s", words, o.stdout)
		}
	}
}

// Writing many routes shows how far it is on a terminal, and nothing elsewhere.
func TestProgress(t *testing.T) {
	t.Parallel()
	r := newRouter(t, "link add br0 type bridge\nlink set br0 up\naddress add 10.0.0.1/8 dev br0", "version = 1\n[[route_file]]\npath = \"many.routes\"\ntable = 9\n")
	var lines strings.Builder
	for i := range 50000 {
		fmt.Fprintf(&lines, "100.%d.%d.0/24 via 10.0.0.2\n", i/250, i%250)
	}
	if err := os.WriteFile(strings.TrimSuffix(r.config, "router.toml")+"many.routes", []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	shown := r.onTerminal(80, nil, r.args("apply")...)
	if !strings.Contains(shown, "\r\x1b[K20000 of 50000 routes\r\x1b[K40000 of 50000 routes\r\x1b[K") {
		t.Errorf("on a terminal: %q", shown)
	}
	r.write("version = 1\n")
	if o := r.run("apply"); o.code != exitDone || o.stderr != "" {
		t.Errorf("elsewhere: %s", o)
	}
}
