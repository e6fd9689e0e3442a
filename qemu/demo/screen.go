package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// screen shows a person what happens. Colours are escape sequences of ANSI
// X3.64, empty when nobody sees them.
type screen struct {
	out                       io.Writer
	bold, dim, good, bad, off string
}

// newScreen uses colours if f is a terminal and NO_COLOR is not set.
func newScreen(f *os.File) *screen {
	s := &screen{out: f}
	if isTerminal(f) && os.Getenv("NO_COLOR") == "" {
		s.bold, s.dim, s.good, s.bad, s.off = "\x1b[1m", "\x1b[2m", "\x1b[1;32m", "\x1b[1;31m", "\x1b[m"
	}
	return s
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

func (s *screen) title(text string) { fmt.Fprintf(s.out, "\n%s== %s%s\n", s.bold, text, s.off) }

// command shows a command line of the router.
func (s *screen) command(argv ...string) {
	fmt.Fprintf(s.out, "%srouter# %s%s\n", s.dim, strings.Join(argv, " "), s.off)
}

// text shows what a command printed, indented.
func (s *screen) text(text string) {
	for line := range strings.Lines(text) {
		fmt.Fprintf(s.out, "  %s\n", strings.TrimRight(line, "\r\n"))
	}
}

// proved says what has just been checked, and held.
func (s *screen) proved(format string, args ...any) {
	fmt.Fprintf(s.out, "%sok%s  %s\n", s.good, s.off, fmt.Sprintf(format, args...))
}

func (s *screen) failed(err error) { fmt.Fprintf(s.out, "%sFAILED%s  %v\n", s.bad, s.off, err) }

func (s *screen) verdict(text string) { fmt.Fprintf(s.out, "\n%s%s%s\n", s.good, text, s.off) }
