package kmod

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// moduleInitCompressed is MODULE_INIT_COMPRESSED_FILE of linux/module.h: the
// kernel (5.17 and later) decompresses the file itself.
const moduleInitCompressed = 4

// Load loads the module with its numbers, and what it depends on first. It is
// done when the module is there already with these numbers.
//
// Errors: [*AbsentError] when it is not installed for the running kernel,
// [*LoadError] when the kernel refuses it.
func Load(ctx context.Context, p Params) error {
	p = p.withDefaults()
	if have, ok := loaded(p.Root, p.Module); ok {
		return sameNumbers(have, p)
	}
	dir := filepath.Join(p.Root, "lib/modules", release())
	files, err := dependencies(dir, p.Module)
	if err != nil {
		return err
	}
	for i := len(files) - 1; i >= 0; i-- { // the last one depends on nothing
		if err := ctx.Err(); err != nil {
			return err
		}
		params := ""
		if i == 0 {
			params = fmt.Sprintf("hello_proto=%d bye_proto=%d", p.HelloProto, p.ByeProto)
		}
		if err := insert(p, filepath.Join(dir, files[i]), params); err != nil {
			return err
		}
	}
	return nil
}

func sameNumbers(have, want Params) error {
	if have.HelloProto == want.HelloProto && have.ByeProto == want.ByeProto {
		return nil
	}
	return &LoadError{Module: want.Module, Errno: unix.EEXIST,
		Why:  fmt.Sprintf("it is loaded already, with hello_proto=%d bye_proto=%d and not %d and %d", have.HelloProto, have.ByeProto, want.HelloProto, want.ByeProto),
		Mend: "unload it (rmmod " + want.Module + "), or set these numbers in [hello]"}
}

// dependencies gives the module's file and those that it depends on, as
// modules.dep of modprobe(8) lists them.
func dependencies(dir, module string) ([]string, error) {
	path := filepath.Join(dir, "modules.dep")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &AbsentError{Module: module, Why: fmt.Sprintf("there is no %s", path), Mend: "install the modules of the running kernel there and run depmod"}
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		file, deps, ok := strings.Cut(line, ":")
		if ok && moduleName(file) == moduleName(module) {
			return append([]string{file}, strings.Fields(deps)...), nil
		}
	}
	return nil, &AbsentError{Module: module, Why: fmt.Sprintf("%s does not list it", path),
		Mend: fmt.Sprintf("install %s.ko below %s and run depmod", module, filepath.Join(dir, "extra"))}
}

// moduleName is a file's module: the kernel takes - and _ for the same.
func moduleName(file string) string {
	base, _, _ := strings.Cut(filepath.Base(file), ".ko")
	return strings.ReplaceAll(base, "-", "_")
}

func insert(p Params, path, params string) error {
	f, err := os.Open(path)
	if err != nil {
		return &AbsentError{Module: p.Module, Why: fmt.Sprintf("modules.dep lists %s, which cannot be opened: %v", path, errors.Unwrap(err)), Mend: "install it anew and run depmod"}
	}
	defer f.Close()
	flags := 0
	if !strings.HasSuffix(path, ".ko") {
		flags = moduleInitCompressed
	}
	err = unix.FinitModule(int(f.Fd()), params, flags)
	if err == nil || errors.Is(err, unix.EEXIST) {
		return nil
	}
	errno, _ := err.(unix.Errno)
	return refused(p, path, errno)
}

// refused explains finit_module(2)'s errno.
func refused(p Params, path string, errno unix.Errno) error {
	e := &LoadError{Module: moduleName(path), Path: path, Errno: errno}
	switch errno {
	case unix.ENOEXEC:
		e.Why, e.Mend = wrongKernel(path), "build it against the headers of the running kernel, and install that"
	case unix.EBUSY:
		e.Why = fmt.Sprintf("netlink number %d or %d is taken (21 belongs to crypto_user where that is loaded)", p.HelloProto, p.ByeProto)
		e.Mend = "unload the owner, or choose other numbers from 22 to 31 in [hello]; the kernel's log names the number"
	case unix.EPERM:
		e.Why = "loading modules is not allowed"
		e.Mend = "it needs CAP_SYS_MODULE, and kernel.modules_disabled must be 0"
	case unix.EKEYREJECTED, unix.ENOKEY:
		e.Why, e.Mend = "the kernel demands a signature that it trusts", "sign the module with a key of this kernel"
	case unix.EINVAL:
		e.Why, e.Mend = "the kernel rejects its parameters or its format", "the kernel's log (dmesg) has the reason"
	case unix.ENOENT:
		e.Why, e.Mend = "it needs a symbol that this kernel has not", "build it against the running kernel; the kernel's log names the symbol"
	default:
		e.Mend = "the kernel's log (dmesg) may say more"
	}
	return e
}

// wrongKernel compares the release that a module file was built for with the
// running one. A compressed file does not tell.
func wrongKernel(path string) string {
	text, _ := os.ReadFile(path)
	_, rest, ok := bytes.Cut(text, []byte("\x00vermagic="))
	if !ok {
		return fmt.Sprintf("it was not built for this kernel, which is %s", release())
	}
	magic, _, _ := bytes.Cut(rest, []byte{0})
	built, _, _ := strings.Cut(string(magic), " ")
	if built == release() {
		return fmt.Sprintf("it was built for %s with other options than this kernel's (%s)", built, magic)
	}
	return fmt.Sprintf("it was built for kernel %s, and this is %s", built, release())
}

// AbsentError: the module is not there to be used: not loaded, or not installed.
type AbsentError struct {
	Module string
	Why    string
	Mend   string
}

// Error says where it was looked for and what to do.
func (e *AbsentError) Error() string {
	return fmt.Sprintf("module %s: %s: %s", e.Module, e.Why, e.Mend)
}

// LoadError: the kernel refused the module. It unwraps to the errno.
type LoadError struct {
	Module string
	Path   string
	Errno  unix.Errno
	Why    string
	Mend   string
}

// Error gives file, errno, what it means and what to do.
func (e *LoadError) Error() string {
	text := "load module " + e.Module
	if e.Path != "" {
		text += " (" + e.Path + ")"
	}
	text += ": " + e.Errno.Error()
	if e.Why != "" {
		text += ": " + e.Why
	}
	return text + ": " + e.Mend
}

// Unwrap gives the errno.
func (e *LoadError) Unwrap() error { return e.Errno }
