package config

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"bootlink/bench/stopwatch"
)

// host is this machine.
type host struct {
	dir   string // programs
	files string // of the scenario, in memory as /run is on a router
	peers []competitor
	kept  []*os.File
}

// newHost needs close. Peers that are not there are told in missing.
func newHost(dir string, programs []program) (h *host, missing []string, err error) {
	files, err := os.MkdirTemp("/dev/shm", "bench-")
	if err != nil {
		return nil, nil, err
	}
	h = &host{dir: dir, files: files, peers: common(programs)}
	for _, peer := range []struct {
		name, file string
		list       func(*host) competitor
	}{
		{networkd, daemon, newNetworkd},
		{ifupdown, filepath.Join(dir, "ifupdown-ng", "sbin", "ifup"), newIfupdown},
	} {
		if _, err := os.Stat(peer.file); err != nil {
			missing = append(missing, fmt.Sprintf("%s: %v", peer.name, err))
			continue
		}
		h.peers = append(h.peers, peer.list(h))
	}
	return h, missing, nil
}

func (h *host) where() string             { return "" }
func (h *host) competitors() []competitor { return h.peers }

func (h *host) close() {
	h.release()
	os.RemoveAll(h.files)
}

// put lays out a scenario's files.
func (h *host) put(s *Scenario) error {
	if err := os.RemoveAll(h.files); err != nil {
		return err
	}
	if err := os.Mkdir(h.files, 0o755); err != nil {
		return err
	}
	texts := s.texts()
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if err := os.WriteFile(h.file(name), []byte(texts[name]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// within runs f in a fresh namespace, which is empty when f is done.
func (h *host) within(s *Scenario, f func(place) error) error {
	stale, err := filepath.Glob(h.file("run-*"))
	for _, dir := range stale {
		err = os.RemoveAll(dir)
	}
	if err != nil {
		return err
	}
	return stopwatch.InFreshNamespace(s.setup, func() error {
		if err := h.keep(); err != nil {
			return err
		}
		if err := f(h); err != nil {
			return err
		}
		return empty()
	})
}

// keep keeps the namespace of the calling thread until the scenario is through: the
// end of one holds locks that every other has to wait for.
func (h *host) keep() error {
	f, err := os.Open("/proc/thread-self/ns/net")
	if err == nil {
		h.kept = append(h.kept, f)
	}
	return err
}

func (h *host) release() {
	for _, f := range h.kept {
		f.Close()
	}
	h.kept = nil
}

// empty deletes all links of this thread's namespace, many at a time, and rules.
func empty() error {
	const script = `ip rule flush
ip -br link | sed -n '/^lo /d; s/[@ ].*//; s/.*/link set & group 7/p' | ip -batch - && ip link delete group 7`
	if text, err := exec.Command("sh", "-e", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("delete all links: %w: %s", err, text)
	}
	return nil
}

// meter keeps its commands where the scenario's files are: not on a disk.
func (h *host) meter() stopwatch.Meter {
	return stopwatch.Meter{Program: filepath.Join(h.dir, "meter"), File: h.file("commands")}
}

func (h *host) run(lines ...string) (stopwatch.Sample, error) { return h.meter().Run(lines...) }

func (h *host) output(line string) (string, error) {
	words := strings.Fields(line)
	text, err := exec.Command(words[0], words[1:]...).Output()
	if err != nil {
		err = fmt.Errorf("%s: %w", line, err)
	}
	return string(text), err
}

// program: ours have a folder, those of the system stand in the path.
func (h *host) program(name string) string {
	switch name {
	case "ip", "tc", "bridge":
		return name
	}
	return filepath.Join(h.dir, name)
}

func (h *host) file(name string) string { return filepath.Join(h.files, name) }
