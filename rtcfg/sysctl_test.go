package rtcfg

import (
	"errors"
	"strings"
	"testing"

	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
)

// A list that was empty is empty again.
func TestSysctlList(t *testing.T) {
	t.Parallel()
	w := veth(t)
	const path = "net/ipv4/ip_local_reserved_ports"
	w.apply(desired(t, "[sysctl]\n\"net.ipv4.ip_local_reserved_ports\" = \"8080,9000-9010\"\n"))
	if got := w.Sysctl(path); got != "8080,9000-9010" {
		t.Errorf("got %q", got)
	}
	w.apply(desired(t, ""))
	if got := w.Sysctl(path); got != "" {
		t.Errorf("afterwards it is %q", got)
	}
}

// stable_secret cannot be read before it has been written, and never be taken
// back.
func TestStableSecret(t *testing.T) {
	t.Parallel()
	w := veth(t)
	const file = "[link.v0]\naddrgenmode = \"stable_secret\"\nsysctl = { \"ipv6.stable_secret\" = \"2001:db8::1\" }\n"
	w.Lines("link set v1 up")
	w.apply(desired(t, file))
	if got := w.Sysctl("net/ipv6/conf/v0/stable_secret"); got != "2001:0db8:0000:0000:0000:0000:0000:0001" {
		t.Errorf("the secret is %q", got)
	}
	w.apply(desired(t, ""))
}

// A folder is no setting.
func TestSysctlFolder(t *testing.T) {
	t.Parallel()
	w := veth(t)
	before := w.look()
	_, err := w.open(desired(t, "[sysctl]\n\"net.ipv4\" = 1\n")).Apply(t.Context(), ApplyOptions{})
	var lacks *kernel.LackError
	if !errors.As(err, &lacks) || !strings.HasPrefix(err.Error(), "f:3:1: ") || !strings.Contains(err.Error(), "no such setting") {
		t.Errorf("got %v", err)
	}
	if diff := lab.Diff(before, w.look()); diff != "" {
		t.Errorf("it left traces:\n%s", diff)
	}
}
