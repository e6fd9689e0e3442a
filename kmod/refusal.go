package kmod

import (
	"errors"
	"fmt"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/sysfile"

	"golang.org/x/sys/unix"
)

// A refusal is a module file that the kernel did not take.
type refusal struct {
	Params
	path string
}

const readLog = "the kernel's log (dmesg) has the reason"

// reasons are what finit_module(2) means by an errno, in this module's case.
var reasons = [...]struct {
	errno  unix.Errno
	reason func(refusal) (why, mend string)
}{
	{unix.ENOEXEC, refusal.wrongKernel},
	{unix.EBUSY, refusal.taken},
	{unix.EPERM, refusal.forbidden},
	{unix.EKEYREJECTED, refusal.unsigned},
	{unix.ENOKEY, refusal.unsigned},
	{unix.EOPNOTSUPP, refusal.compressed},
	{unix.EINVAL, refusal.invalid},
	{unix.ENOENT, refusal.symbol},
}

// explain gives the errno the words that mend it.
func (r refusal) explain(errno unix.Errno) *LoadError {
	e := &LoadError{Module: moduleName(r.path), Path: r.path, Errno: errno, Mend: readLog}
	for _, known := range reasons {
		if known.errno == errno {
			e.Why, e.Mend = known.reason(r)
		}
	}
	return e
}

// wrongKernel compares the release that the file was built for with the
// running one. A compressed file does not tell.
func (r refusal) wrongKernel() (why, mend string) {
	mend = "build it against the headers of the running kernel, and install that"
	magic, ok := vermagic(r.path)
	built, _, _ := strings.Cut(magic, " ")
	switch {
	case !ok:
		return fmt.Sprintf("it was not built for this kernel, which is %s", Release()), mend
	case built == Release():
		return fmt.Sprintf("it was built for %s with other options than this kernel's (%s)", built, magic), mend
	}
	return fmt.Sprintf("it was built for kernel %s, and this is %s", built, Release()), mend
}

// vermagic reads the entry of that name in a module's .modinfo section, which
// is NUL-terminated "key=value" texts.
func vermagic(path string) (string, bool) {
	file, err := sysfile.Read(path)
	if err != nil {
		return "", false
	}
	_, rest, ok := strings.Cut(string(file), "\x00vermagic=")
	magic, _, ended := strings.Cut(rest, "\x00")
	return magic, ok && ended
}

// taken finds out which of the two numbers has another owner.
func (r refusal) taken() (why, mend string) {
	present := kernelBuses()
	for _, n := range []struct {
		parameter string
		number    int
	}{{"hello_proto", r.HelloProto}, {"bye_proto", r.ByeProto}} {
		if present[n.number] {
			return takenBy(n.number), fmt.Sprintf("unload the owner, or choose another number: %s = %d in [hello]", n.parameter, r.free(present))
		}
	}
	return fmt.Sprintf("netlink number %d or %d is taken, perhaps in another network namespace", r.HelloProto, r.ByeProto),
		"choose other numbers from 22 to 31 in [hello]; the kernel's log (dmesg) names the number"
}

func takenBy(number int) string {
	bus := nlcore.Buses()[number]
	owner := bus.Module
	if owner == "" {
		owner = bus.Name
	}
	if owner == "" {
		return fmt.Sprintf("netlink number %d is taken", number)
	}
	return fmt.Sprintf("netlink number %d is taken, probably by %s", number, owner)
}

// kernelBuses are the netlink numbers that are not to be had. Nothing is
// opened. NETLINK_USERSOCK has no owner in the kernel and is user space's.
func kernelBuses() map[int]bool {
	present := map[int]bool{unix.NETLINK_USERSOCK: true}
	shut := map[int]bool{}
	for _, b := range nlcore.Buses() {
		shut[b.Number] = true
	}
	states, err := nlcore.Probe(nlcore.ProbeOptions{NoOpen: shut})
	if err != nil {
		return nil
	}
	for _, s := range states {
		present[s.Bus.Number] = present[s.Bus.Number] || s.Present
	}
	return present
}

// free is a number without an owner, of those that Linux gives to nothing.
func (r refusal) free(present map[int]bool) int {
	for n := 22; n < 31; n++ {
		if !present[n] && n != r.HelloProto && n != r.ByeProto {
			return n
		}
	}
	return 31
}

// forbidden finds out which of the kernel's doors is shut.
func (r refusal) forbidden() (why, mend string) {
	if disabled, _ := sysfile.Read(sysfile.Join(r.Root, "proc/sys/kernel/modules_disabled")); strings.HasPrefix(string(disabled), "1") {
		return "kernel.modules_disabled is 1, so no module can be loaded until the next boot", "load the module before that is set"
	}
	if !capable(unix.CAP_SYS_MODULE) {
		return "this process has no CAP_SYS_MODULE", "run it as root, or give it that capability"
	}
	if mode, _ := sysfile.Read(sysfile.Join(r.Root, "sys/kernel/security/lockdown")); len(mode) > 0 && !strings.Contains(string(mode), "[none]") {
		return fmt.Sprintf("the kernel is locked down (%s) and takes signed modules only", strings.TrimSpace(string(mode))), "sign the module with a key of this kernel"
	}
	return "a security module or a user namespace forbids it", "load it from the system's own root, and allow it there"
}

// capable tells whether the process has a capability below 32 in effect.
func capable(capability int) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&header, &data[0]) == nil && data[0].Effective>>capability&1 == 1
}

func (r refusal) unsigned() (why, mend string) {
	return "the kernel demands a signature that it trusts", "sign the module with a key of this kernel"
}

func (r refusal) compressed() (why, mend string) {
	return "this kernel cannot decompress modules (CONFIG_MODULE_DECOMPRESS, Linux 5.17)", "install it uncompressed and run depmod"
}

// invalid: an older kernel does not know the flag for compressed files.
func (r refusal) invalid() (why, mend string) {
	if strings.HasSuffix(r.path, ".ko") {
		return "the kernel rejects its parameters or its format", readLog
	}
	why, mend = r.compressed()
	return why + ", or not this format", mend
}

func (r refusal) symbol() (why, mend string) {
	return "it needs a symbol that this kernel has not", "build it against the running kernel; the kernel's log (dmesg) names the symbol"
}

// bare is an error of os without the operation and the path.
func bare(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
