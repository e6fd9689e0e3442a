package conf

import (
	"path"
	"testing"
	"unicode/utf8"
)

var globs = []string{"", "*", "eth?", "wlan*", "[a-c]x", "[^a-c]x", "a\\*b", "*.toml", "a*b*c", "[", "[]", "[a", "[a-", "a\\", "[]a]", "[-]", "[x-]", "[\\]]", "*[", "é?", "a/*", "?", "[^/]", "a[", "b[x"}

func FuzzGlob(f *testing.F) {
	for _, pattern := range globs {
		for _, name := range []string{"", "eth0", "wlan0", "ax", "dx", "a*b", "conf.toml", "axbxc", "a", "]", "-", "é1", "a/b", "/", "ab"} {
			f.Add(pattern, name)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(name) {
			return
		}
		want, wrong := path.Match(pattern, name)
		got, err := Glob(pattern, name)
		if got != want || (err != nil) != (wrong != nil) {
			t.Errorf("Glob(%q, %q) = %v, %v; package path says %v, %v", pattern, name, got, err, want, wrong)
		}
	})
}
