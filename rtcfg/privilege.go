package rtcfg

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dropPrivileges leaves this process, in all its threads, only the capabilities
// that it needs from now on, and lets none come back by running other programs:
// CAP_NET_ADMIN to configure the network, CAP_SYS_MODULE so that the kernel module
// can be loaded again at a reload, and CAP_SYS_ADMIN if it works in another network
// namespace, which it has to enter. Files are root's, and so are we.
func dropPrivileges(netns string, module bool) error {
	keep := uint32(1) << unix.CAP_NET_ADMIN
	if module {
		keep |= 1 << unix.CAP_SYS_MODULE
	}
	if netns != "" {
		keep |= 1 << unix.CAP_SYS_ADMIN
	}
	if _, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("set no_new_privs: %w", errno)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have, data [2]unix.CapUserData
	if err := unix.Capget(&header, &have[0]); err != nil {
		return fmt.Errorf("ask for capabilities: %w", err)
	}
	data[0].Effective = keep & have[0].Permitted
	data[0].Permitted = data[0].Effective
	if _, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&data[0])), 0); errno != 0 {
		return fmt.Errorf("drop capabilities: %w", errno)
	}
	return nil
}
