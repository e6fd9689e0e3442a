package main

import (
	"io"
	"os"

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

// colours tells whether w may be coloured; see https://no-color.org.
func colours(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && terminalWidth(w) > 0
}
