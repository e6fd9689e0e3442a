//go:build guest

package hellobye

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What the module refuses leaves nothing behind but one line in the log.
func TestBadParameters(t *testing.T) {
	enter(t)
	before := kernelSockets(t)
	for _, c := range []struct {
		parameters string
		errno      unix.Errno
		log        string
	}{
		{"hello_proto=0", unix.EINVAL, "hello_proto=0 is not in 1..31"},
		{"hello_proto=32", unix.EINVAL, "hello_proto=32 is not in 1..31"},
		{"bye_proto=32", unix.EINVAL, "bye_proto=32 is not in 1..31"},
		{"bye_proto=4294967295", unix.EINVAL, "bye_proto=4294967295 is not in 1..31"},
		{"hello_proto=25 bye_proto=25", unix.EINVAL, "hello_proto and bye_proto are both 25, but must differ"},
		{"bye_proto=19", unix.EINVAL, "are both 19"},
		{"max_clients=0", unix.EINVAL, "max_clients=0 is not in 1..1024"},
		{"max_clients=1025", unix.EINVAL, "max_clients=1025 is not in 1..1024"},
		{"queue_len=0", unix.EINVAL, "queue_len=0 is not in 1..65536"},
		{"queue_bytes=0", unix.EINVAL, "queue_bytes=0 is not in 1..1073741824"},
		{"snaplen=0", unix.EINVAL, "snaplen=0 is not in 1..65531"},
		{"snaplen=65532", unix.EINVAL, "snaplen=65532 is not in 1..65531"},
		{"pps=1000001", unix.EINVAL, "pps=1000001 is not in 0..1000000"},
		{"burst=0", unix.EINVAL, "burst=0 is not in 1..65536"},
		{"hello_proto=2", unix.EBUSY, "netlink protocol 2 is taken, probably by user space: choose another with hello_proto="},
		{"bye_proto=16", unix.EBUSY, "netlink protocol 16 is taken, probably by genetlink: choose another with bye_proto="},
		{"hello_proto=9", unix.EBUSY, "netlink protocol 9 is taken, probably by audit"},
		{"bye_proto=15", unix.EBUSY, "netlink protocol 15 is taken, probably by kobject_uevent"},
	} {
		kernel.cut()
		err := load("hellobye", c.parameters)
		said := kernel.cut()
		if !errors.Is(err, c.errno) || strings.Count(said, "\n") != 1 || !strings.Contains(said, c.log) {
			t.Errorf("load with %s: %v, log %q; want %v, one line with %q", c.parameters, err, said, c.errno, c.log)
		}
		if left := threads(); len(left) > 0 || kernelSockets(t) != before {
			t.Errorf("load with %s leaves threads %v, kernel sockets %s; were %s", c.parameters, left, kernelSockets(t), before)
		}
	}
	// The kernel itself does not parse these.
	for _, parameters := range []string{"hello_proto=-1", "hello_proto=x", "bye_proto="} {
		if err := load("hellobye", parameters); !errors.Is(err, unix.EINVAL) {
			t.Errorf("load with %s: %v; want EINVAL", parameters, err)
		}
	}
}

func TestLoad(t *testing.T) {
	enter(t)
	before := kernelSockets(t)
	loaded(t, "")
	if got := threads(); !slices.Equal(got, []string{"bye_server", "hello_server"}) {
		t.Errorf("threads %v; want bye_server and hello_server", got)
	}
	if err := load("hellobye", ""); !errors.Is(err, unix.EEXIST) {
		t.Errorf("load once more: %v; want EEXIST", err)
	}
	s := open(t, protoHello)
	if err := unix.DeleteModule("hellobye", unix.O_NONBLOCK); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("unload under an open socket: %v; want EAGAIN", err)
	}
	s.close()
	if err := unload(); err != nil {
		t.Fatalf("unload: %v", err)
	}
	if got := kernelSockets(t); got != before {
		t.Errorf("kernel sockets %s; were %s", got, before)
	}
	if err := load("hellobye", "hello_proto=30 bye_proto=31"); err != nil {
		t.Fatalf("load with other numbers: %v", err)
	}
	open(t, 30).greeted(greetingHello).close()
	open(t, 31).greeted(greetingBye).close()
}

// crypto_user owns 21: who comes first has it.
func TestNumberTaken(t *testing.T) {
	enter(t)
	before := kernelSockets(t)
	if err := load("crypto_user", ""); err != nil {
		t.Fatalf("load crypto_user: %v", err)
	}
	kernel.cut()
	if err := load("hellobye", ""); !errors.Is(err, unix.EBUSY) {
		t.Errorf("load beside crypto_user: %v; want EBUSY", err)
	}
	if said := kernel.cut(); !strings.Contains(said, "netlink protocol 21 is taken, probably by crypto_user: choose another with bye_proto=") || len(threads()) > 0 {
		t.Errorf("load beside crypto_user: log %q, threads %v", said, threads())
	}
	if err := load("hellobye", "bye_proto=22"); err != nil {
		t.Fatalf("load beside crypto_user with another number: %v", err)
	}
	open(t, 22).greeted(greetingBye).close()
	if err := unload(); err != nil {
		t.Fatal(err)
	}
	if err := unix.DeleteModule("crypto_user", unix.O_NONBLOCK); err != nil {
		t.Fatalf("unload crypto_user: %v", err)
	}
	loaded(t, "")
	if err := load("crypto_user", ""); err == nil {
		t.Error("crypto_user loads, although 21 is taken")
	}
	open(t, protoBye).greeted(greetingBye).close()
	if err := unload(); err != nil {
		t.Fatal(err)
	}
	if got := kernelSockets(t); got != before {
		t.Errorf("kernel sockets %s; were %s", got, before)
	}
	if err := load("hellobye", ""); err != nil { // for the cleanup to unload
		t.Fatal(err)
	}
}
