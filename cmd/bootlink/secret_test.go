package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

// A key stands in the message to the kernel and in nothing that we print.
func TestSecrets(t *testing.T) {
	keys := lab.WriteKeys(t)
	r := newRouter(t, "", `version = 1
[link.w0]
kind = "wireguard"
[link.w0.wireguard]
private-key = "`+keys+`/one"
[[link.w0.wireguard.peers]]
public-key    = "qH3kUfqBvB8a0N1VZ4yqvZ9fZ2b1B0oS9C3cVq0u2mA="
preshared-key = "`+keys+`/three"
`)
	for _, flag := range []string{"-v", "--json"} {
		o := r.run("plan", flag)
		for _, words := range []string{"create peer qH3kUfqBvB8a0N1VZ4yqvZ9fZ2b1B0oS9C3cVq0u2mA= dev w0 preshared-key (secret)", "private-key (secret)"} {
			if !strings.Contains(o.stdout, words) {
				t.Errorf("plan %s lacks %q: %s", flag, words, o)
			}
		}
		for _, name := range []string{"one", "three"} {
			key, err := os.ReadFile(filepath.Join(keys, name))
			if err != nil || strings.Contains(o.String(), strings.TrimSpace(string(key))) {
				t.Errorf("plan %s shows the key %s (%v)", flag, name, err)
			}
		}
	}
	if err := os.Remove(filepath.Join(keys, "three")); err != nil {
		t.Fatal(err)
	}
	absent := r.config + ":8:17: " + keys + "/three: there is no such file: write the key into it, with mode 0600"
	r.expect(r.run("plan"), exitUsage, absent)
	r.expect(bootlink(t, "check", r.config), exitDone, "later: "+absent)
}
