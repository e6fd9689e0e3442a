package rtcfg

import (
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
	"bootlink/rtcfg/order"
)

// tableFolders are where iproute2 looks for names of routing tables; what the
// later one says goes first.
var tableFolders = [...]string{"/usr/share/iproute2", "/etc/iproute2"}

// tableNames reads the names that rt_tables and rt_tables.d/*.conf give to
// routing tables. They are a convenience: a file that is not there, or a line
// that makes no sense, gives none.
func tableNames(folders ...string) (names []object.Word) {
	for _, folder := range folders {
		files, _ := matching(folder+"/rt_tables.d", "*.conf")
		for _, file := range order.Also([]string{folder + "/rt_tables"}, files...) {
			text, err := sysfile.Read(file)
			if err == nil {
				names = append(names, parseTables(string(text))...)
			}
		}
	}
	for i, j := 0, len(names)-1; i < j; i, j = i+1, j-1 {
		names[i], names[j] = names[j], names[i]
	}
	return names
}

// matching lists, by name, the files of a folder that a pattern of [conf.Glob]
// means. Names that begin with a dot are for patterns that do, as in a shell.
func matching(folder, pattern string) (files []string, err error) {
	names, err := sysfile.Names(folder)
	if err != nil {
		return nil, err
	}
	order.Strings(names)
	for _, name := range names {
		if fits, _ := conf.Glob(pattern, name); fits && (name[0] != '.' || pattern[0] == '.') {
			files = order.Also(files, sysfile.Join(folder, name))
		}
	}
	return files, nil
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
