//go:build guest

package hellobye

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Each namespace has its own clients, and sees its own packets.
func TestNamespaces(t *testing.T) {
	enter(t)
	loaded(t, "")
	outer := open(t, protoHello).greeted(greetingHello)
	<-apart(func() {
		enter(t)
		inner := open(t, protoHello).greeted(greetingHello)
		newPinger(t).ping(t, 1, 3)
		if s := inner.text(); !strings.HasPrefix(s, "4500001f") {
			t.Errorf("the inner client got %q", s)
		}
		if n := stat(t, "hello", "clients"); n != 1 {
			t.Errorf("%d clients in the inner namespace; want 1", n)
		}
		inner.text()
	})
	newPinger(t).ping(t, 1, 4)
	if s := outer.text(); !strings.HasPrefix(s, "45000020") {
		t.Errorf("the outer client got %q", s)
	}
}

// A namespace that is older than the module gets it, and keeps nothing of it;
// its end with clients and packets in it harms nobody.
func TestOlderNamespace(t *testing.T) {
	step, done := make(chan bool), make(chan bool)
	older := apart(func() {
		enter(t)
		done <- true
		for range step {
			c := open(t, protoHello).register()
			p := newPinger(t)
			p.ping(t, 1, 1)
			if a := c.one(msgPacket).attrs(t); len(a[attrRaw]) != 29 {
				t.Errorf("in an older namespace: %v", a)
			}
			for range 200 {
				p.ping(t, 1, 1)
			}
			c.close()
			done <- true
		}
	})
	<-done
	for range 3 {
		if err := load("hellobye", ""); err != nil {
			t.Error(err)
		}
		step <- true
		<-done
		if err := unload(); err != nil {
			t.Errorf("unload: %v", err)
		}
	}
	loaded(t, "")
	step <- true
	<-done
	close(step)
	<-older
}

// inUserNamespace tells the program that TestUserNamespace has started it.
const inUserNamespace = "HELLOBYE_IN_USER_NAMESPACE"

// Root of a user namespace may see the packets of a network namespace that
// belongs to it, and of no other.
func TestUserNamespace(t *testing.T) {
	if os.Getenv(inUserNamespace) != "" {
		modern := open(t, protoHello).register()
		text := open(t, protoHello).greeted(greetingHello)
		raise(t, "lo")
		newPinger(t).ping(t, 1, 0)
		text.text()
		modern.one(msgPacket)
		return
	}
	loaded(t, "")
	for _, c := range []struct {
		name  string
		flags uintptr
		says  string
		ok    bool
	}{
		{"its own network", unix.CLONE_NEWUSER | unix.CLONE_NEWNET, "PASS", true},
		{"the network of others", unix.CLONE_NEWUSER, "CAP_NET_ADMIN needed", false},
	} {
		p := exec.Command("/proc/self/exe", "-test.run=^TestUserNamespace$")
		p.Env = append(os.Environ(), inUserNamespace+"=1")
		p.SysProcAttr = &syscall.SysProcAttr{Cloneflags: c.flags, Credential: &syscall.Credential{NoSetGroups: true},
			UidMappings: []syscall.SysProcIDMap{{HostID: 1000, Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: 1000, Size: 1}}}
		out, err := p.CombinedOutput()
		if (err == nil) != c.ok || !strings.Contains(string(out), c.says) {
			t.Errorf("root of a user namespace and %s: %v\n%s", c.name, err, out)
		}
	}
}
