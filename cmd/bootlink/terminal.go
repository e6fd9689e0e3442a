package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// terminalWidth gives the columns of the terminal that w is, 0 if it is none.
func terminalWidth(w io.Writer) int {
	f, is := w.(*os.File)
	if !is {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}

// progress shows on a terminal how far long work is, and nothing once it is done.
func (in *invocation) progress(written, all int) {
	text := "\r\x1b[K"
	if written < all {
		text += strconv.Itoa(written) + " of " + strconv.Itoa(all) + " routes"
	}
	_, _ = io.WriteString(in.stderr, text)
}

// colours tells whether w may be coloured; see https://no-color.org.
func colours(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && terminalWidth(w) > 0
}
