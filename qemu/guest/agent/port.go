package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sysPorts has a folder for each virtio-serial port; its file "name" holds the
// name that QEMU was given, and the folder's own name is the device's.
const sysPorts = "/sys/class/virtio-ports"

// pollEvery is short against a boot and long against a look at a folder.
const pollEvery = 20 * time.Millisecond

// waitPort returns the device of the port with a name. It waits until the
// driver has it: ports appear one by one after the module is loaded.
func waitPort(sys, name string) string {
	for {
		if dev := findPort(sys, name); dev != "" {
			return dev
		}
		time.Sleep(pollEvery)
	}
}

// findPort returns "" if there is no such port now.
func findPort(sys, name string) string {
	files, _ := filepath.Glob(filepath.Join(sys, "*", "name")) // the pattern is well-formed
	for _, f := range files {
		got, err := os.ReadFile(f)
		if err == nil && strings.TrimSpace(string(got)) == name {
			return filepath.Join("/dev", filepath.Base(filepath.Dir(f)))
		}
	}
	return ""
}
