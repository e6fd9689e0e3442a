package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bootlink/bench/stopwatch"
)

// burst is how many routes are added as fast as the limit can.
const burst = 200_000

// listeners has nlcore listen to a burst, with a large queue and with the
// smallest that a program gets by default, and compares what it knows in the end
// with what the kernel has.
func listeners(tools []tool, dir string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d events in a burst, nlcore's listener\n", burst)
	for _, queue := range []int{256 << 20, 104 << 10} {
		err := stopwatch.InFreshNamespace(setup, func() error {
			line, err := listener(dir, queue)
			fmt.Fprintf(&b, "queue of %9d bytes: %s", queue, line)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func listener(dir string, queue int) (string, error) {
	m := exec.Command(filepath.Join(dir, "nlbench"), "-rcvbuf", strconv.Itoa(queue), "monitor")
	out, err := m.StdoutPipe()
	if err != nil {
		return "", err
	}
	m.Stderr = os.Stderr
	if err := m.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewReader(out)
	if _, err := lines.ReadString('\n'); err != nil {
		return "", err
	}
	if _, err := stopwatch.In(dir).Run(fmt.Sprintf("%s/climit add %d", dir, burst)); err != nil {
		return "", err
	}
	if err := drained(m.Process.Pid); err != nil {
		return "", err
	}
	m.Process.Signal(syscall.SIGTERM)
	line, err := lines.ReadString('\n')
	if err != nil {
		return "", err
	}
	if !strings.HasSuffix(line, fmt.Sprintf(" routes %d\n", burst)) {
		return "", fmt.Errorf("the listener ends with %s, the kernel has %d routes", line, burst)
	}
	return line, m.Wait()
}

// drained waits until nothing waits in the queue of any netlink socket of the
// process's namespace.
func drained(pid int) error {
	for range 3000 {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/netlink", pid))
		if err != nil {
			return err
		}
		waiting := false
		for line := range strings.SplitSeq(string(text), "\n") {
			f := strings.Fields(line) // sk Eth Pid Groups Rmem ...
			waiting = waiting || len(f) > 4 && f[1] == "0" && f[4] != "0" && f[4] != "Rmem"
		}
		if !waiting {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("the listener does not read")
}
