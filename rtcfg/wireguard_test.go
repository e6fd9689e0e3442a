package rtcfg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/kernel"
	"bootlink/rtcfg/lab"
)

// A peer whose public key is somebody's.
const peerKey = "qH3kUfqBvB8a0N1VZ4yqvZ9fZ2b1B0oS9C3cVq0u2mA="

// wireguardConfig is a link with one peer.
func wireguardConfig(keys, settings, peer string) string {
	return fmt.Sprintf("[link.w0]\nkind = \"wireguard\"\n[link.w0.wireguard]\nprivate-key = \"%s/one\"\n%s\n[[link.w0.wireguard.peers]]\npublic-key = \"%s\"\n%s\n", keys, settings, peerKey, peer)
}

// wireguardWorld is an empty one of a kernel that has wireguard, or has it not.
func wireguardWorld(t *testing.T, has bool) *world {
	t.Helper()
	w := &world{Namespace: lab.New(t), t: t, dir: t.TempDir()}
	if out, err := w.Try("link", "add", "w9", "type", "wireguard"); (err == nil) != has {
		t.Skipf("this is for a kernel of another kind: %v %s", err, out)
	}
	return w
}

// A kernel without wireguard is told so before anything is done.
func TestNoWireGuard(t *testing.T) {
	w := wireguardWorld(t, false)
	_, err := w.open(desired(t, wireguardConfig(lab.WriteKeys(t), "", ""))).Apply(t.Context(), ApplyOptions{})
	var lacks *kernel.LackError
	if !errors.As(err, &lacks) || !strings.Contains(err.Error(), "enable CONFIG_WIREGUARD, or install and load module wireguard") {
		t.Errorf("apply says %v", err)
	}
}

// TestWireGuard changes a link's settings and peers under way.
func TestWireGuard(t *testing.T) {
	w := wireguardWorld(t, true)
	keys := lab.WriteKeys(t)
	config := func(settings, peer string) string { return wireguardConfig(keys, settings, peer) }
	first := config("listen-port = 51820", "endpoint = \"192.0.2.1:9\"\npreshared-key = \""+keys+"/two\"\nallowed-ips = [\"10.1.0.0/16\"]")
	w.apply(desired(t, first))
	shows := func(what, want string) {
		t.Helper()
		if got := w.wg(what); got != want {
			t.Errorf("wg shows %s %q; want %q", what, got, want)
		}
	}

	// The peer moves: that is the kernel's business.
	w.Lines("wg set w0 peer " + peerKey + " endpoint 192.0.2.77:7")
	w.apply(desired(t, first))
	shows("endpoints", peerKey+"\t192.0.2.77:7")

	// Only what differs is written, and undone when it is too much.
	second := config("listen-port = 51821", "endpoint = \"192.0.2.2:9\"\nallowed-ips = [\"10.1.0.0/16\", \"10.2.0.0/16\"]")
	w.fail(desired(t, second), func(steps int) int { return steps })
	shows("endpoints", peerKey+"\t192.0.2.77:7")
	p, err := w.open(desired(t, second)).Plan(t.Context())
	want := "  1  set wireguard dev w0 listen-port 51821\n  2  set peer " + peerKey + " dev w0 preshared-key (secret) endpoint 192.0.2.2:9 allowed-ips 10.1.0.0/16 10.2.0.0/16\n"
	if err != nil || p.Text(false) != want {
		t.Errorf("the plan is\n%s%v\nwant\n%s", p.Text(false), err, want)
	}
	w.apply(desired(t, second))
	shows("preshared-keys", peerKey+"\t(none)")
	shows("listen-port", "51821")
	shows("allowed-ips", peerKey+"\t10.1.0.0/16 10.2.0.0/16")

	// What leaves the file goes back; a peer that somebody else added stays.
	other := strings.Replace(peerKey, "q", "r", 1)
	w.Lines("wg set w0 peer " + other)
	w.apply(desired(t, config("", "")))
	if port := w.wg("listen-port"); port == "51821" {
		t.Errorf("the port is still %s", port)
	}
	w.apply(desired(t, "[link.w0]\nkind = \"wireguard\"\n"))
	shows("peers", other)
	shows("private-key", "(none)")
}

// wg gives what `wg show w0 WHAT` says.
func (w *world) wg(what string) (out string) {
	w.t.Helper()
	return strings.TrimSpace(w.Exec("wg", "show", "w0", what))
}

// TestWireGuardInParts has more prefixes than one message of a dump holds.
func TestWireGuardInParts(t *testing.T) {
	w := wireguardWorld(t, true)
	var b strings.Builder
	b.WriteString("[link.w0]\nkind = \"wireguard\"\n")
	for peer := range 3 {
		fmt.Fprintf(&b, "[[link.w0.wireguard.peers]]\npublic-key = %q\nallowed-ips = [", strings.Replace(peerKey, "q", string(rune('a'+peer)), 1))
		for i := range 1000 {
			fmt.Fprintf(&b, "\"10.%d.%d.%d\", ", peer, i/250, i%250)
		}
		b.WriteString("]\n")
	}
	w.apply(desired(t, b.String()))
	if got := strings.Count(w.wg("allowed-ips"), "/32"); got != 3000 {
		t.Errorf("wg shows %d prefixes; want 3000", got)
	}
}

// A key's file is checked before anything else is.
func TestKeys(t *testing.T) {
	folder := lab.WriteKeys(t)
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("open", peerKey, 0o644)
	write("empty", "", 0o600)
	write("words", "no key\n", 0o600)
	write("long", strings.Repeat("A", 5000), 0o600)
	write("group", peerKey, 0o640)
	if err := os.Mkdir(filepath.Join(folder, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"one": "", "group": "",
		"open":   "open can be read, or written, by everybody: chmod 0600 " + folder + "/open",
		"empty":  "empty is empty: write a key into it: wg genkey",
		"words":  "words holds no key: write one into it, 44 characters in base64: wg genkey",
		"long":   "long holds no key: write one into it, 44 characters in base64: wg genkey",
		"folder": "folder is not a file: name a file that holds a key",
	} {
		write("router.toml", "version = 1\n[link.w0]\nkind = \"wireguard\"\nwireguard = { private-key = \""+name+"\" }\n", 0o644)
		if want != "" {
			want = folder + "/router.toml:4:29: " + folder + "/" + want
		}
		_, err := Load(filepath.Join(folder, "router.toml"))
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("%s gives\n%s\nwant\n%s", name, got, want)
		}
	}
}

// A file that is not there can be checked for, and not be applied.
func TestAbsentKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "router.toml")
	if err := os.WriteFile(file, []byte("version = 1\n[link.w0]\nkind = \"wireguard\"\nwireguard = { private-key = \"w0.key\" }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	words := file + ":4:29: " + filepath.Dir(file) + "/w0.key: there is no such file: write the key into it, with mode 0600"
	if _, err := Open(want, Options{}); err == nil || err.Error() != words {
		t.Errorf("Open gives\n%v\nwant\n%s", err, words)
	}
}
