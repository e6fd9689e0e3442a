package qemu

import (
	"encoding/json"
	"maps"
	"os"
	"testing"
)

// hasFeatures tells of each feature in a report whether the kernel can have it.
func hasFeatures(t *testing.T, text []byte) map[string]bool {
	t.Helper()
	var report struct {
		Features []struct{ Name, State string }
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, f := range report.Features {
		has[f.Name] = f.State == "present" || f.State == "loaded" || f.State == "built in" || f.State == "installed, not loaded"
	}
	return has
}

func caps(t *testing.T, r *router) { checkCaps(t, r, "qemu-virt") }

// checkCaps: a board's report is what its kernel says (UPDATE=1 writes it), and a build host
// finds by it that the board's files are for that kernel.
func checkCaps(t *testing.T, r *router, name string) {
	t.Helper()
	folder := "../board/" + name + "/"
	capsFile := folder + "caps.json"
	r.run(t, bootlink, "probe", "--save", "/tmp/caps.json")
	now := []byte(r.run(t, "/bbin/cat", "/tmp/caps.json"))
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(capsFile, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	saved, err := os.ReadFile(capsFile)
	if err != nil {
		t.Fatal(err)
	}
	if is, was := hasFeatures(t, now), hasFeatures(t, saved); !maps.Equal(is, was) {
		t.Errorf("the kernel has\n%v\nand %s says\n%v", is, capsFile, was)
	}
	for _, file := range []string{"router.toml", "rescue.toml"} {
		output(t, "go", "run", "bootlink/cmd/bootlink", "check", "--caps", capsFile, folder+file)
	}
}
