package rtcfg

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// tableFolders are where iproute2 looks for names of routing tables; what the
// later one says goes first.
var tableFolders = [...]string{"/usr/share/iproute2", "/etc/iproute2"}

// tableNames reads the names that rt_tables and rt_tables.d/*.conf give to
// routing tables. They are a convenience: a file that is not there, or a line
// that makes no sense, gives none.
func tableNames(folders ...string) (names []object.Word) {
	for _, folder := range folders {
		for _, file := range append([]string{folder + "/rt_tables"}, confFiles(folder+"/rt_tables.d")...) {
			text, err := os.ReadFile(file)
			if err == nil {
				names = append(names, parseTables(string(text))...)
			}
		}
	}
	slices.Reverse(names)
	return names
}

// confFiles lists *.conf in a folder, sorted. It does without os.ReadDir, which
// nothing else in the program needs.
func confFiles(folder string) (files []string) {
	f, err := os.Open(folder)
	if err != nil {
		return nil
	}
	defer f.Close()
	buf := make([]byte, 4096)
	for {
		n, err := unix.ReadDirent(int(f.Fd()), buf)
		if n <= 0 || err != nil {
			break
		}
		_, _, files = unix.ParseDirent(buf[:n], -1, files)
	}
	slices.Sort(files)
	files = slices.DeleteFunc(files, func(name string) bool { return !strings.HasSuffix(name, ".conf") })
	for i := range files {
		files[i] = folder + "/" + files[i]
	}
	return files
}

// parseTables reads lines of a number and a name.
func parseTables(text string) (names []object.Word) {
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) != 2 {
			continue
		}
		if n, err := strconv.ParseUint(words[0], 0, 32); err == nil && n > 0 {
			names = append(names, object.Word{Name: words[1], Value: n})
		}
	}
	return names
}
