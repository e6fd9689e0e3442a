// Modprobe loads kernel modules by name or alias, and what they depend on. It
// is the program that the kernel starts when it lacks something:
//
//	modprobe -q -- rtnl-link-bridge
//
// u-root images have no /sbin; give its path on the kernel's command line,
// sysctl.kernel.modprobe=/bbin/modprobe.
//
//	modprobe [-q] [--] NAME [PARAMETER=VALUE ...]
//	modprobe -a [-q] [--] NAME ...
//
// -q says nothing about names that no module answers to. Other flags are
// refused. The exit status is 0 when every module is in the kernel.
//
// It reads modules.dep, modules.alias and modules.builtin of the running
// kernel, as depmod(8) writes them; soft dependencies are not followed.
package main
