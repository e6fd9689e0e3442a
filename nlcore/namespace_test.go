package nlcore

import (
	"errors"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestInNamespace(t *testing.T) {
	ns := newNamespace(t)
	if err := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns}).Do(soon(t), newLink("only-here", "bridge")); err != nil {
		t.Fatal(err)
	}
	look := func() error {
		_, err := net.InterfaceByName("only-here")
		return err
	}
	if err := InNamespace(ns, look); err != nil {
		t.Error("inside:", err)
	}
	if err := InNamespace("", look); err == nil {
		t.Error("the link is outside as well")
	}
	if err := InNamespace(ns, func() error { return unix.EXDEV }); err != unix.EXDEV {
		t.Errorf("its own error came back as %v", err)
	}
}

// Every way to name a namespace that is none says which one it was.
func TestUnknownNamespaceIsNamed(t *testing.T) {
	never := func() error {
		t.Error("called")
		return nil
	}
	const name = "no-such-namespace"
	want := `network namespace "` + name + `": open /run/netns/` + name + `: no such file or directory`
	err := InNamespace(name, never)
	if !errors.Is(err, os.ErrNotExist) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if _, err := Dial(unix.NETLINK_ROUTE, Options{NetNS: name}); !errors.Is(err, os.ErrNotExist) {
		t.Error("dial:", err)
	}
	if err := InNamespace("/dev/null", never); !errors.Is(err, unix.EINVAL) {
		t.Error("a file that is none:", err)
	}
}
