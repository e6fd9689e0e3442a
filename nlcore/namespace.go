package nlcore

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// namespaceDir is where ip-netns(8) binds namespaces to names.
const namespaceDir = "/run/netns"

// namespacePath gives the file of Options.NetNS.
func namespacePath(netns string) string {
	if strings.Contains(netns, "/") {
		return netns
	}
	return namespaceDir + "/" + netns
}

// InNamespace calls do on a thread in a network namespace, which is named as
// in Options.NetNS, and gives its error; for "" it calls do right here. It is
// for what a socket's own option does not cover: files below /proc/thread-self/net
// and /proc/sys/net, ioctls, sockets of other families. Goroutines that do
// starts are elsewhere. The thread is put back afterwards; where that fails it
// ends with its goroutine. It needs CAP_SYS_ADMIN.
func InNamespace(netns string, do func() error) error {
	if netns == "" {
		return do()
	}
	ns, err := openNamespace(netns)
	if err != nil {
		return err
	}
	defer ns.Close()
	result := make(chan error, 1)
	go func() { result <- visit(ns, do) }()
	return <-result
}

// openNamespace opens what Options.NetNS names.
func openNamespace(netns string) (*os.File, error) {
	f, err := os.Open(namespacePath(netns))
	if err != nil {
		return nil, fmt.Errorf("network namespace %q: %w", netns, err)
	}
	return f, nil
}

// visit locks its goroutine to a thread and lets go of it only when the thread
// is back home: the runtime ends a thread whose goroutine ends locked.
func visit(ns *os.File, do func() error) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer home.Close()
	if err := setns(ns); err != nil {
		runtime.UnlockOSThread()
		return err
	}
	err = do()
	if back := setns(home); back != nil {
		return fmt.Errorf("leave network namespace %s: %w", ns.Name(), back)
	}
	runtime.UnlockOSThread()
	return err
}

// setns moves the calling thread; a failure leaves it where it was.
func setns(f *os.File) error {
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter network namespace %s: %w", f.Name(), err)
	}
	return nil
}

// InScratch calls do on a thread in a network namespace of its own, which is empty but
// for lo and goes with the thread, and gives its error. It needs CAP_SYS_ADMIN and a
// kernel with CONFIG_NET_NS; else the error is unshare(2)'s.
func InScratch(do func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the runtime ends the thread
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err != nil {
			runtime.UnlockOSThread()
			err = os.NewSyscallError("unshare", err)
		} else {
			err = do()
		}
		result <- err
	}()
	return <-result
}
