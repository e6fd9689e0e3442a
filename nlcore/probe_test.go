package nlcore

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Probe against what awk finds in the namespace's table and what socket(2)
// says: here and in a namespace, which differ in at least one bus.
func TestProbe(t *testing.T) {
	fresh := newNamespace(t)
	for _, ns := range []string{"", fresh} {
		states, err := Probe(ProbeOptions{NetNS: ns})
		if err != nil {
			t.Fatal(err)
		}
		table := kernelBuses(t, ns)
		if len(states) != 32 || !slices.Contains(table, unix.NETLINK_ROUTE) {
			t.Fatalf("%d states; the kernel's sockets: %v", len(states), table)
		}
		for n, s := range states {
			checkState(t, s, n, slices.Contains(table, n))
		}
	}
}

func checkState(t *testing.T, s BusState, n int, registered bool) {
	t.Helper()
	if s.Bus.Number != n {
		t.Errorf("state %d is of %v", n, s.Bus)
	}
	if want := registered || n == unix.NETLINK_USERSOCK; s.Present != want {
		t.Errorf("%v: present %v, want %v", s.Bus, s.Present, want)
	}
	var want unix.Errno
	if !s.Present {
		want = unix.ECONNREFUSED
		var lacks *UnsupportedError
		if c, err := Dial(n, Options{}); errors.As(err, &lacks) {
			want = lacks.Errno
		} else if err != nil {
			t.Error(err)
		} else if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if s.Errno != want {
		t.Errorf("%v: errno %v, want %v", s.Bus, s.Errno, want)
	}
	if s.Present != (s.Reason == "") || s.Present != (s.Mend == "") {
		t.Errorf("%v: present %v, reason %q, mend %q", s.Bus, s.Present, s.Reason, s.Mend)
	}
}

// kernelBuses lists the buses on which the kernel has a socket in a namespace.
func kernelBuses(t *testing.T, ns string) (all []int) {
	t.Helper()
	args := []string{"awk", `NR > 1 && $3 == 0 { print $2 }`, "/proc/net/netlink"}
	if ns != "" {
		args = append([]string{"nsenter", "--net=" + ns}, args...)
	}
	out, err := exec.Command(args[0], args[1:]...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range strings.Fields(string(out)) {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// A number in NoOpen is never opened, and nor is one that is there.
func TestProbeLeavesNumbersAlone(t *testing.T) {
	have, err := kernelSockets()
	if err != nil {
		t.Fatal(err)
	}
	alone := map[int]bool{unix.NETLINK_ECRYPTFS: true, unix.NETLINK_CRYPTO: true, unix.NETLINK_UNUSED: true}
	var opened []int
	states, err := probe(alone, func(bus int) error {
		opened = append(opened, bus)
		return unix.EPROTONOSUPPORT
	})
	if err != nil {
		t.Fatal(err)
	}
	var want []int
	for n := range busCount {
		if !have[n] && !alone[n] {
			want = append(want, n)
		}
	}
	if !slices.Equal(opened, want) {
		t.Errorf("opened %v, want %v", opened, want)
	}
	if s := states[unix.NETLINK_UNUSED]; s.Present || s.Errno != unix.EPROTONOSUPPORT || s.Reason == "" {
		t.Errorf("a number left alone: %+v", s)
	}
}

func TestProbeTellsOtherErrors(t *testing.T) {
	states, err := probe(nil, func(int) error { return unix.EMFILE })
	if err != nil {
		t.Fatal(err)
	}
	if s := states[unix.NETLINK_UNUSED]; s.Present || s.Errno != unix.EMFILE || s.Reason != "too many open files" {
		t.Errorf("got %+v", s)
	}
}

func TestSocketRow(t *testing.T) {
	for line, want := range map[string][2]int64{
		"000000004c893fe8 0   0          00000000 0        0        0     2        0        4": {0, 0},
		"c1a2b3c4 15  4294963200 00000001 0 0 (null) 2 0 8411":                                 {15, 4294963200},
		"c1a2b3c4 16  -4099 00000000 0 0 (null) 2":                                             {16, -4099},
	} {
		bus, port, err := socketRow(line)
		if err != nil || int64(bus) != want[0] || port != want[1] {
			t.Errorf("%q: %d, %d, %v", line, bus, port, err)
		}
	}
	for _, line := range []string{"", "a 1", "a x 0", "a 1 x"} {
		if _, _, err := socketRow(line); err == nil {
			t.Errorf("%q has no error", line)
		}
	}
}

func TestNoSuchNamespace(t *testing.T) {
	plain := t.TempDir() + "/plain"
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for ns, want := range map[string]error{"no-such-namespace": os.ErrNotExist, plain: unix.EINVAL} {
		_, dialErr := Dial(unix.NETLINK_ROUTE, Options{NetNS: ns})
		_, probeErr := Probe(ProbeOptions{NetNS: ns})
		for name, err := range map[string]error{"dial": dialErr, "probe": probeErr} {
			if !errors.Is(err, want) {
				t.Errorf("%s %q: %v", name, ns, err)
			}
		}
	}
}
