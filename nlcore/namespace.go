package nlcore

import (
	"fmt"
	"os"
	"path/filepath"
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
	return filepath.Join(namespaceDir, netns)
}

// inNamespace runs do in a network namespace, or here for "". The thread that
// enters it is put back afterwards; where that fails it ends with its goroutine.
func inNamespace(netns string, do func() error) error {
	if netns == "" {
		return do()
	}
	ns, err := os.Open(namespacePath(netns))
	if err != nil {
		return err
	}
	defer ns.Close()
	result := make(chan error, 1)
	go func() { result <- visit(ns, do) }()
	return <-result
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
