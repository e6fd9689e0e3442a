package nlcore

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// The families that genl(8) lists, with the same groups.
func TestFamiliesAsGenlListsThem(t *testing.T) {
	ns := newNamespace(t)
	fs := NewFamilies(dial(t, unix.NETLINK_GENERIC, Options{NetNS: ns}))
	all, err := fs.List(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range all {
		got = append(got, f.Name)
		again, err := fs.Find(soon(t), f.Name)
		if err != nil || again.ID != f.ID || again.Version != f.Version || len(again.Groups) != len(f.Groups) {
			t.Errorf("%s: listed %+v, found %+v, %v", f.Name, f, again, err)
		}
	}
	want := genlNames(t, ns)
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	nlctrl, err := fs.Find(soon(t), "nlctrl")
	if err != nil || nlctrl.ID != unix.GENL_ID_CTRL || nlctrl.Version != 2 || nlctrl.Groups["notify"] != 16 || nlctrl.UserHeader != 0 {
		t.Errorf("nlctrl: %+v, %v", nlctrl, err)
	}
}

func genlNames(t *testing.T, ns string) (names []string) {
	t.Helper()
	out, err := exec.Command("nsenter", "--net="+ns, "genl", "ctrl", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "Name: "); ok {
			names = append(names, name)
		}
	}
	return names
}

// A group found by name delivers.
func TestFamilyGroup(t *testing.T) {
	ns := newNamespace(t)
	netdev, err := NewFamilies(dial(t, unix.NETLINK_GENERIC, Options{NetNS: ns})).Find(soon(t), "netdev")
	if err != nil {
		t.Fatal(err)
	}
	s := subscribe(t, unix.NETLINK_GENERIC, []uint32{netdev.Groups["mgmt"]}, Options{NetNS: ns})
	c := dial(t, unix.NETLINK_ROUTE, Options{NetNS: ns})
	if err := c.Do(soon(t), newLink("br0", "bridge")); err != nil {
		t.Fatal(err)
	}
	e := next(t, s)
	if e.Type != netdev.ID || e.Body[0] != netdevDevAdd || e.Group != netdev.Groups["mgmt"] {
		t.Fatalf("got %+v", e)
	}
	a, _ := attrOf(e.Message, unix.GENL_HDRLEN, netdevIndex)
	equal(t, a.Uint32, uint32(indexOf(t, c, "br0")))
}

func TestMissingFamily(t *testing.T) {
	fs := NewFamilies(dial(t, unix.NETLINK_GENERIC, Options{NetNS: newNamespace(t)}))
	_, err := fs.Find(soon(t), "l2tp")
	var missing *FamilyError
	if !errors.As(err, &missing) || !errors.Is(err, unix.ENOENT) || missing.Kconfig != "CONFIG_L2TP_V3" {
		t.Errorf("got %v", err)
	}
	_, err = fs.Find(soon(t), "a name that is far too long")
	var refusal *Error
	if !errors.As(err, &refusal) || errors.As(err, &missing) && missing.Name != "l2tp" {
		t.Errorf("too long a name: %v", err)
	}
}

// fakeFamily is a controller that knows one family, with a new number each time.
func fakeFamily(errno *unix.Errno) func([]Message) []step {
	id := uint16(30)
	return func(sent []Message) []step {
		if *errno != 0 {
			return []step{one(ack(sent[0], *errno))}
		}
		id++
		w := NewAttrWriter([]byte{unix.CTRL_CMD_NEWFAMILY, 2, 0, 0})
		w.String(unix.CTRL_ATTR_FAMILY_NAME, "wireguard")
		w.U16(unix.CTRL_ATTR_FAMILY_ID, id)
		w.U32(unix.CTRL_ATTR_VERSION, 1)
		w.U32(unix.CTRL_ATTR_HDRSIZE, 6)
		w.Array(unix.CTRL_ATTR_MCAST_GROUPS, 2, func(i int) {
			w.U32(unix.CTRL_ATTR_MCAST_GRP_ID, uint32(40+i))
			w.String(unix.CTRL_ATTR_MCAST_GRP_NAME, "ab"[i:i+1])
		})
		return []step{one(Message{Type: unix.GENL_ID_CTRL, Seq: sent[0].Seq, Body: w.Bytes()}), one(ack(sent[0], 0))}
	}
}

// A family is asked for once, by whomever; a refusal is not remembered.
func TestFamilyIsRemembered(t *testing.T) {
	errno := unix.EPERM
	c, _ := newFake(fakeFamily(&errno))
	fs := NewFamilies(c)
	if _, err := fs.Find(soon(t), "wireguard"); !errors.Is(err, unix.EPERM) {
		t.Fatal(err)
	}
	errno = 0
	first, err := fs.Find(soon(t), "wireguard")
	if err != nil || first.ID != 31 || first.Groups["a"] != 40 || first.Groups["b"] != 41 {
		t.Fatalf("%+v, %v", first, err)
	}
	if h := first.Header(5); len(h) != 12 || h[0] != 5 || h[1] != 1 {
		t.Errorf("header %x", h)
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if f, err := fs.Find(context.Background(), "wireguard"); err != nil || f.ID != 31 {
				t.Error(f.ID, err)
			}
		})
	}
	all.Wait()
	fs.Forget("wireguard")
	if f, err := fs.Find(soon(t), "wireguard"); err != nil || f.ID != 32 {
		t.Error("after Forget:", f.ID, err)
	}
}

func TestFamilyErrorText(t *testing.T) {
	for _, test := range []struct {
		name  string
		errno unix.Errno
		want  string
	}{
		{"wireguard", unix.ENOENT, `generic netlink family "wireguard": no such file or directory: this kernel has no CONFIG_WIREGUARD (module wireguard): ` +
			"enable it in the kernel's configuration, or install and load the module"},
		{"ethtool", unix.ENOENT, `generic netlink family "ethtool": no such file or directory: this kernel has no CONFIG_ETHTOOL_NETLINK: ` +
			"enable it in the kernel's configuration"},
		{"netdev", unix.ENOENT, `generic netlink family "netdev": no such file or directory: this kernel has no CONFIG_NET, or is older than Linux 6.3: ` +
			"enable it in the kernel's configuration"},
		{"mine", unix.ENOENT, `generic netlink family "mine": no such file or directory: nothing in this kernel registers it: load the module that does`},
		{"wireguard", unix.EPERM, `generic netlink family "wireguard": operation not permitted: ` +
			"a seccomp filter or a security module refuses the question, so it may be there or not: allow it there"},
	} {
		err := familyError(test.name, test.errno)
		if got := err.Error(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
		if !errors.Is(err, test.errno) {
			t.Errorf("%v does not unwrap to its errno", err)
		}
	}
}

// The modules are those that a real kernel's aliases name.
func TestKnownFamiliesHaveTheirModules(t *testing.T) {
	text, err := os.ReadFile("testdata/families.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, module, ok := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		i := slices.IndexFunc(knownFamilies, func(k KnownFamily) bool { return k.Name == name })
		if i < 0 || knownFamilies[i].Module != module {
			t.Errorf("%s is in module %s, which the table does not say", name, module)
		}
	}
	for i, k := range knownFamilies {
		if !strings.HasPrefix(k.Kconfig, "CONFIG_") {
			t.Errorf("%s has no option", k.Name)
		}
		if i > 0 && strings.ToLower(knownFamilies[i-1].Name) >= strings.ToLower(k.Name) {
			t.Errorf("%s is out of order", k.Name)
		}
	}
}

// An answer of the controller cut anywhere is an error or a family, no panic.
func TestFamilyCutAnywhere(t *testing.T) {
	none := unix.Errno(0)
	steps := fakeFamily(&none)([]Message{{Seq: 1}})
	whole, _, _ := cutMessage(steps[0].b)
	for n := range whole.Body {
		m := whole
		m.Body = m.Body[:n]
		if _, err := readFamily(m); err != nil && !errors.Is(err, unix.EBADMSG) {
			t.Errorf("cut to %d: %v", n, err)
		}
	}
	binary.NativeEndian.PutUint16(whole.Body[unix.GENL_HDRLEN:], 3)
	if _, err := readFamily(whole); !errors.Is(err, unix.EBADMSG) {
		t.Errorf("an attribute of three bytes: %v", err)
	}
}
