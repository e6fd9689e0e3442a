package lab

import (
	"os"
	"path/filepath"
	"testing"
)

// keys are what the files of WriteKeys hold. The second is one that the kernel
// changes before it uses it as a private key (curve25519_clamp_secret).
var keys = map[string]string{
	"one":   "eOhV2wYuZyfDPJEJnQ0Yb+0CUkOxJpXQpCFGlrCPT1c=",
	"two":   "2xd8T4jxYH4Q1aY2bbWPhxNcHKPZ4y7aW1Y3VtG9J8E=",
	"three": "UKeJoiV8Q0dEHcNkHPW4ZVFC8Rzp0JTN6oRlBd7D9mw=",
}

// WriteKeys makes a folder with files of keys, "one", "two" and "three", that
// last as long as the test.
func WriteKeys(t testing.TB) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, key := range keys {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
