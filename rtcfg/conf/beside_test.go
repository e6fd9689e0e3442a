package conf

import (
	"path"
	"testing"
)

func FuzzBeside(f *testing.F) {
	for _, name := range []string{"", ".", "..", "a", "/a", "./a", "../a", "a/../b", "a/../../b", "../../a", "/../a", "a//b/", "a/./b", "/", "//", "..a", "a/.."} {
		f.Add("router.toml", name)
		f.Add("/etc/bootlink/router.toml", name)
		f.Add("../x/router.toml", name)
	}
	f.Fuzz(func(t *testing.T, file, name string) {
		want := path.Join(path.Dir(file), name)
		if path.IsAbs(name) {
			want = path.Clean(name)
		}
		if got := Beside(file, name); got != want && file != "" && file[len(file)-1] != '/' {
			t.Errorf("Beside(%q, %q) = %q; package path says %q", file, name, got, want)
		}
	})
}
