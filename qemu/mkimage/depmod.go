package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// depmod writes the index of the modules below root/lib/modules/<release>.
func depmod(root, release string) error {
	program, err := exec.LookPath("depmod")
	if err != nil { // an ordinary user's PATH has no sbin
		program = "/usr/sbin/depmod"
	}
	if out, err := exec.Command(program, "-b", root, release).CombinedOutput(); err != nil {
		return fmt.Errorf("%s -b %s %s: %w\n%s", program, root, release, err, out)
	}
	return nil
}

// copyFile copies a file and makes the folders that it is in.
func copyFile(to, from string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}
