package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestAliases(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"soc/modalias": "of:NsocT(null)\n", "soc/eth/modalias": "of:NethernetT(null)Cacme,eth\n", "soc/eth/uevent": "DRIVER=x\n"} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := aliases(root)
	slices.Sort(got)
	if want := []string{"of:NethernetT(null)Cacme,eth", "of:NsocT(null)"}; !slices.Equal(got, want) {
		t.Errorf("aliases = %q; want %q", got, want)
	}
}
