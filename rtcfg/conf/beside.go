package conf

import "strings"

// Beside gives the file that a name in another file means: one in that file's folder,
// unless it is absolute.
func Beside(file, name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	for strings.HasPrefix(name, "./") {
		name = name[2:]
	}
	return file[:strings.LastIndexByte(file, '/')+1] + name
}
