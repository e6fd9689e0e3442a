package stopwatch

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// InFreshNamespace runs f on a thread in new network and mount namespaces; all
// three end with it. Addresses are used there at once, without asking others of the
// link (accept_dad). setup is for `ip -batch`.
func InFreshNamespace(setup string, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		result <- enter(setup, f)
	}()
	return <-result
}

func enter(setup string, f func() error) error {
	if err := unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("new namespaces: %w (run as root)", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	for _, which := range []string{"all", "default"} {
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/"+which+"/accept_dad", []byte("0"), 0); err != nil {
			return err
		}
	}
	ip := exec.Command("ip", "-batch", "-")
	ip.Stdin = strings.NewReader(setup)
	if text, err := ip.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, text)
	}
	return f()
}
