package kmod

import (
	"fmt"
	"strings"

	"bootlink/nlcore/sysfile"
)

// dependencies gives the module's file and those that it depends on, relative
// to dir, as modules.dep(5) lists them: the last one depends on nothing.
func dependencies(dir, module string) ([]string, error) {
	list := sysfile.Join(dir, "modules.dep")
	text, err := sysfile.Read(list)
	if err != nil {
		return nil, &AbsentError{Module: module, Why: fmt.Sprintf("%s cannot be read: %v", list, bare(err)),
			Mend: "install the modules of the running kernel there and run depmod"}
	}
	for line, rest := "", string(text); rest != ""; {
		line, rest, _ = strings.Cut(rest, "\n")
		file, deps, ok := strings.Cut(line, ":")
		if ok && moduleName(file) == moduleName(module) {
			return append([]string{file}, strings.Fields(deps)...), nil
		}
	}
	return nil, &AbsentError{Module: module, Why: fmt.Sprintf("%s does not list it", list),
		Mend: fmt.Sprintf("install %s.ko below %s and run depmod", module, sysfile.Join(dir, "extra"))}
}

// moduleName is a file's module: the kernel takes - and _ for the same.
func moduleName(file string) string {
	base, _, _ := strings.Cut(file[strings.LastIndexByte(file, '/')+1:], ".ko")
	return strings.ReplaceAll(base, "-", "_")
}
