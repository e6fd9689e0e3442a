package config

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"bootlink/bench/stopwatch"
)

// daemon is networkd, where Debian has it.
const daemon = "/lib/systemd/systemd-networkd"

// Where networkd keeps things, in a mount namespace of its own.
const (
	networkdFiles = "/run/systemd/network"
	networkdState = "/run/systemd/netif"
)

// networkdLimit is how long it may take.
const networkdLimit = 2 * time.Minute

// newNetworkd runs systemd-networkd by hand: without systemd, udev and D-Bus.
func newNetworkd(h *host) competitor {
	return competitor{networkd, true, hasNetworkd,
		func(_ place, s *Scenario, op string) (stopwatch.Sample, error) { return h.networkd(s, op) }}
}

// hasNetworkd: there is no change, since it has to be started again for one, and
// then leaves what its files no longer have.
func hasNetworkd(s *Scenario, op string) bool { return s.networkd != nil && op != change }

func (h *host) networkd(s *Scenario, op string) (sample stopwatch.Sample, err error) {
	if op == apply {
		// sysfs that cannot be written is how it knows that there is no udev
		const stage = "mount -t tmpfs run /run\nmount -t sysfs -o ro sys /sys\nmkdir -p " + networkdFiles + " " + networkdState
		if err := script(stage); err != nil {
			return sample, err
		}
		for name, text := range s.networkd {
			if err := os.WriteFile(filepath.Join(networkdFiles, name), []byte(text), 0o644); err != nil {
				return sample, err
			}
		}
	}
	// it refuses a folder that is not its own, and waits for what a stale one says
	if err := script("rm -rf " + networkdState + "\nmkdir " + networkdState + "\nchown systemd-network:systemd-network " + networkdState); err != nil {
		return sample, err
	}
	return h.daemon(s)
}

// daemon runs it until all is configured.
func (h *host) daemon(s *Scenario) (sample stopwatch.Sample, err error) {
	c, err := h.meter().Command(daemon)
	if err != nil {
		return sample, err
	}
	var out, words bytes.Buffer
	c.Stdout, c.Stderr = &out, &words
	c.Env = append(os.Environ(), "SYSTEMD_LOG_TARGET=console", "SYSTEMD_LOG_LEVEL=warning")
	start := time.Now()
	if err := c.Start(); err != nil {
		return sample, err
	}
	wall, err := h.configured(s, start)
	c.Process.Signal(syscall.SIGTERM)
	if ended := c.Wait(); err == nil && ended != nil {
		err = ended
	}
	if err != nil {
		return sample, fmt.Errorf("%w: %s", err, words.String())
	}
	sample, err = stopwatch.Parse(out.String())
	sample.Wall = wall
	return sample, err
}

// configured waits until all links are configured and the census is right, and
// gives the time. Looking takes a tenth of it at most.
func (h *host) configured(s *Scenario, start time.Time) (wall time.Duration, err error) {
	for time.Since(start) < networkdLimit {
		look := time.Now()
		wall = look.Sub(start)
		if configuredLinks() == s.links && s.census(h) == nil {
			return wall, nil
		}
		time.Sleep(max(2*time.Millisecond, 10*time.Since(look)))
	}
	return 0, fmt.Errorf("%d of %d links configured after %s: %w", configuredLinks(), s.links, networkdLimit, s.census(h))
}

func configuredLinks() (n int) {
	files, _ := filepath.Glob(networkdState + "/links/*")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("ADMIN_STATE=configured\n")) {
			n++
		}
	}
	return n
}

// script runs shell commands in this thread's namespaces.
func script(lines string) error {
	if text, err := exec.Command("sh", "-e", "-c", lines).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", lines, err, text)
	}
	return nil
}
