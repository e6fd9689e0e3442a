package nlcore

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestBusesAreAll32InOrder(t *testing.T) {
	all := Buses()
	if len(all) != 32 {
		t.Fatalf("%d buses", len(all))
	}
	for i, b := range all {
		if b.Number != i {
			t.Errorf("row %d has number %d", i, b.Number)
		}
		if b.Purpose == "" || b.Kconfig == "" && b.Mend == "" {
			t.Errorf("%v: nothing says what it is for or what mends it: %+v", b, b)
		}
		if b.Module != "" && b.Kconfig == "" {
			t.Errorf("%v has a module and no option", b)
		}
	}
}

// Every NETLINK_* number of the kernel's header has its row under that name.
func TestBusesAreThoseOfTheHeader(t *testing.T) {
	numbers := regexp.MustCompile(`(?m)^#define NETLINK_([A-Z0-9_]+)\s+(\d+)\s*(?:/\*|$)`)
	found := 0
	header := headerText(t)
	header = header[:strings.Index(header, "MAX_LINKS")]
	for _, m := range numbers.FindAllStringSubmatch(header, -1) {
		found++
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{m[1], strings.ToLower(m[1]), "NETLINK_" + m[1], m[2]} {
			if b, ok := LookupBus(name); !ok || b.Number != n || b.Name != strings.ToLower(m[1]) {
				t.Errorf("%q: %v, %v", name, b, ok)
			}
		}
	}
	if found != 22 {
		t.Errorf("the header has %d numbers, 22 were known", found)
	}
}

// headerText is linux/netlink.h of the installed kernel headers.
func headerText(t *testing.T) string { return kernelHeader(t, "netlink.h") }

// kernelHeader is a file of the installed kernel headers.
func kernelHeader(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("/usr/include/linux/" + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no kernel headers are installed (linux-libc-dev)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLookupBus(t *testing.T) {
	for name, want := range map[string]int{
		"route": 0, "NETLINK_ROUTE": 0, "Netlink_Route": 0, "hello": 19, "bye": 21, "BYE": 21, "crypto": 21, "ecryptfs": 19,
		"uevent": 15, "inet_diag": 4, "11": 11, "31": 31, "0": 0,
	} {
		if b, ok := LookupBus(name); !ok || b.Number != want {
			t.Errorf("%q: %v, %v", name, b, ok)
		}
	}
	for _, name := range []string{"", "netlink_", "NETLINK_", "nosuch", "32", "-1", "1 1", "0x1"} {
		if b, ok := LookupBus(name); ok {
			t.Errorf("%q: %v", name, b)
		}
	}
}

func TestUnsupportedErrorText(t *testing.T) {
	const here = "nothing in the kernel listens on it in this network namespace: " +
		"use it in the initial network namespace, or load its module"
	for _, test := range []struct {
		bus   int
		errno unix.Errno
		want  string
	}{
		{11, unix.EPROTONOSUPPORT, "netlink bus 11 (connector): protocol not supported: this kernel has no CONFIG_CONNECTOR (module cn): " +
			"enable it in the kernel's configuration, or install and load the module"},
		{9, unix.EPROTONOSUPPORT, "netlink bus 9 (audit): protocol not supported: this kernel has no CONFIG_AUDIT: " +
			"enable it in the kernel's configuration"},
		{19, unix.EPROTONOSUPPORT, "netlink bus 19 (hello, ecryptfs): protocol not supported: nothing in this kernel registers it: " +
			"load the hellobye module"},
		{21, unix.EPROTONOSUPPORT, "netlink bus 21 (bye, crypto): protocol not supported: this kernel has no CONFIG_CRYPTO_USER (module crypto_user): " +
			"load the hellobye module; for the crypto interface: CONFIG_CRYPTO_USER, module crypto_user"},
		{16, unix.EPROTONOSUPPORT, "netlink bus 16 (generic): protocol not supported: " +
			"every Linux with netlink has it, so this is an imitation (qemu user mode, gVisor): run on the kernel itself"},
		{25, unix.EPROTONOSUPPORT, "netlink bus 25: protocol not supported: nothing in this kernel registers it: " +
			"load the module that registers this number"},
		{32, unix.EPROTONOSUPPORT, "netlink bus 32: protocol not supported: nothing in this kernel registers it: use a number from 0 to 31"},
		{11, unix.ECONNREFUSED, "netlink bus 11 (connector): connection refused: " + here},
		{0, unix.EAFNOSUPPORT, "netlink bus 0 (route): address family not supported by protocol: " +
			"a filter hides netlink, which every kernel with networking has: see RestrictAddressFamilies= of the service, or the seccomp filter"},
		{0, unix.EIO, "netlink bus 0 (route): input/output error"},
	} {
		err := &UnsupportedError{Bus: busOf(test.bus), Errno: test.errno}
		if got := err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
		if !errors.Is(err, test.errno) {
			t.Errorf("%v does not unwrap to its errno", err)
		}
	}
}

// Numbers that no kernel has: see netlink_create for those above the limit.
func TestDialUnsupported(t *testing.T) {
	for _, bus := range []int{unix.NETLINK_UNUSED, unix.NETLINK_FIREWALL, 32, -1} {
		c, err := Dial(bus, Options{})
		var lacks *UnsupportedError
		if !errors.As(err, &lacks) || !errors.Is(err, unix.EPROTONOSUPPORT) || lacks.Bus.Number != bus {
			t.Errorf("bus %d: %v, %v", bus, c, err)
		}
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
