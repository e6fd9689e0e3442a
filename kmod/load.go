package kmod

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/nlcore/until"

	"golang.org/x/sys/unix"
)

// moduleInitCompressed is MODULE_INIT_COMPRESSED_FILE of linux/module.h: the
// kernel (5.17 and later) decompresses the file itself.
const moduleInitCompressed = 4

// Load loads the module with its numbers, and what it depends on first. It is
// done when the module is there already with these numbers.
//
// Errors: [*AbsentError] when it is not installed for the running kernel,
// [*LoadError] when the kernel refuses it or has it with other numbers.
func Load(ctx until.Context, p Params) error {
	p = p.withDefaults()
	if have, ok := loaded(p.Root, p.Module); ok {
		return sameNumbers(have, p)
	}
	dir := sysfile.Join(p.Root, "lib/modules", Release())
	files, err := dependencies(dir, p.Module)
	if err != nil {
		return err
	}
	for i := len(files) - 1; i > 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := insert(p, sysfile.Join(dir, files[i]), ""); err != nil && !errors.Is(err, unix.EEXIST) {
			return err
		}
	}
	err = insert(p, sysfile.Join(dir, files[0]), fmt.Sprintf("hello_proto=%d bye_proto=%d", p.HelloProto, p.ByeProto))
	if have, ok := loaded(p.Root, p.Module); ok && errors.Is(err, unix.EEXIST) {
		return sameNumbers(have, p) // somebody else loaded it meanwhile
	}
	return err
}

func sameNumbers(have, want Params) error {
	if have.HelloProto == want.HelloProto && have.ByeProto == want.ByeProto {
		return nil
	}
	return &LoadError{Module: want.Module, Errno: unix.EEXIST,
		Why:  fmt.Sprintf("it is loaded already, with hello_proto=%d bye_proto=%d and not %d and %d", have.HelloProto, have.ByeProto, want.HelloProto, want.ByeProto),
		Mend: "unload it (rmmod " + want.Module + "), or set these numbers in [hello]"}
}

// insert gives one file to the kernel.
func insert(p Params, path, params string) error {
	f, err := os.Open(path)
	if err != nil {
		return &AbsentError{Module: p.Module, Why: fmt.Sprintf("modules.dep lists %s, which cannot be opened: %v", path, bare(err)),
			Mend: "install it anew and run depmod"}
	}
	defer f.Close()
	flags := 0
	if !strings.HasSuffix(path, ".ko") {
		flags = moduleInitCompressed
	}
	err = unix.FinitModule(int(f.Fd()), params, flags)
	var errno unix.Errno
	if errors.As(err, &errno) {
		return refusal{p, path}.explain(errno)
	}
	return err
}
