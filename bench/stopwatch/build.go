package stopwatch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build makes a folder with meter, by what else commands make.
func Build(dir string, commands ...[]string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, c := range append(commands, []string{"gcc", "-O2", "-static", "-o", filepath.Join(dir, "meter"), "limit/meter.c"}) {
		if text, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", c, err, text)
		}
	}
	return nil
}
