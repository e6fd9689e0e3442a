package kmod

import (
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"

	"golang.org/x/sys/unix"
)

// Name is the module's name, in the kernel and of its file.
const Name = "hellobye"

// Params say what to load. The zero values mean the defaults.
type Params struct {
	Module     string // "": [Name]
	HelloProto int    // 0: 19
	ByeProto   int    // 0: 21
	Root       string // where lib/modules and sys are; "": "/"
}

func (p Params) withDefaults() Params {
	if p.Module == "" {
		p.Module = Name
	}
	if p.HelloProto == 0 {
		p.HelloProto = 19
	}
	if p.ByeProto == 0 {
		p.ByeProto = 21
	}
	if p.Root == "" {
		p.Root = "/"
	}
	return p
}

// Loaded tells whether the module is in the kernel and done with loading, and
// its numbers, as /sys/module has them.
func Loaded() (Params, bool) { return loaded("/", Name) }

func loaded(root, module string) (Params, bool) {
	dir := sysfile.Join(root, "sys/module", strings.ReplaceAll(module, "-", "_"))
	if state, err := sysfile.Read(sysfile.Join(dir, "initstate")); err == nil && string(state) != "live\n" {
		return Params{}, false // coming or going
	}
	hello, err1 := readNumber(sysfile.Join(dir, "parameters/hello_proto"))
	bye, err2 := readNumber(sysfile.Join(dir, "parameters/bye_proto"))
	return Params{Module: module, HelloProto: hello, ByeProto: bye, Root: root}, err1 == nil && err2 == nil
}

func readNumber(path string) (int, error) {
	text, err := sysfile.Read(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// Release is the running kernel's, as uname(2) tells it.
func Release() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
