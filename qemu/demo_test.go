package qemu

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDemo: the demo plays all its acts, as `make demo` shows them.
func TestDemo(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "run", "./demo").CombinedOutput()
	if err != nil || strings.Contains(string(out), "FAILED") || !strings.Contains(string(out), "from power-on to configured") {
		t.Errorf("%v\n%s", err, out)
	}
}
