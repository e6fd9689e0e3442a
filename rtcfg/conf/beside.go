package conf

import "strings"

// Beside gives the file that a name in another file means: one in that file's folder,
// unless it is absolute. It stands without what has no meaning: "d/../x" is "x".
func Beside(file, name string) string {
	if !strings.HasPrefix(name, "/") {
		name = file[:strings.LastIndexByte(file, '/')+1] + name
	}
	all, root := "", strings.HasPrefix(name, "/")
	for part, rest := "", name; rest != ""; {
		part, rest, _ = strings.Cut(rest, "/")
		end := strings.LastIndexByte(all, '/')
		switch last := all[end+1:]; {
		case part == "" || part == "." || root && part == ".." && all == "":
		case part == ".." && last != "" && last != "..":
			all = all[:max(end, 0)]
		case all == "":
			all = part
		default:
			all += "/" + part
		}
	}
	switch {
	case root:
		return "/" + all
	case all == "":
		return "."
	}
	return all
}
