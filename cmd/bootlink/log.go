package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"bootlink/rtcfg"

	"golang.org/x/sys/unix"
)

// logger gives what takes the lines of `run`: standard error, or the kernel's log if
// that is nobody's.
func (in *invocation) logger() (func(rtcfg.Level, string), error) {
	levels := map[string]rtcfg.Level{"warning": rtcfg.Warning, "info": rtcfg.Info, "debug": rtcfg.Debug}
	most, known := levels[in.value("log-level")]
	if !known {
		return nil, usagef("--log-level %s: write warning, info or debug", in.value("log-level"))
	}
	to := func(_ rtcfg.Level, line string) { io.WriteString(in.stderr, line) }
	if isNull(2) {
		to, most = kernelLog, min(most, rtcfg.Info) // which takes ten lines in five seconds, so no tables
	}
	return func(level rtcfg.Level, line string) {
		if level <= most {
			to(level, line)
		}
	}, nil
}

// isNull tells whether a descriptor is /dev/null, which Go's runtime makes it when it
// was closed.
func isNull(fd int) bool {
	var s unix.Stat_t
	return unix.Fstat(fd, &s) == nil && s.Mode&unix.S_IFMT == unix.S_IFCHR && uint64(s.Rdev) == unix.Mkdev(1, 3)
}

// kernelLine is how long a line of the kernel's log is at most, somewhat less than 1024 bytes
// with its beginning.
const kernelLine = 900

// kernelLog writes lines to the kernel's log, as those of a daemon (3 << 3, kmsg(4)).
// Where there is none nobody reads them.
func kernelLog(level rtcfg.Level, text string) {
	f, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		fmt.Fprintf(f, "<%d>%s\n", 3<<3|level, line[:min(len(line), kernelLine)])
	}
}
