package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// enough is how long devices are looked for.
const enough = 3 * time.Minute

func main() {
	if len(os.Args) > 1 {
		look()
		return
	}
	// Lines of `bootlink run`, which it writes to the kernel's log, are to be seen.
	if err := os.WriteFile("/proc/sys/kernel/printk", []byte("7"), 0o644); err != nil {
		say(err)
	}
	begin("/proc/self/exe", "look")
	for _, command := range []string{"board", "check"} {
		out, err := exec.Command("/bbin/bootlink", command).CombinedOutput()
		say(string(out))
		if err != nil {
			say("bootlink", command, err)
		}
	}
	begin("/bbin/bootlink", "run")
}

// say writes to the kernel's log, which is the console that each board has.
func say(words ...any) {
	for line := range strings.Lines(fmt.Sprintln(words...)) {
		if line = strings.TrimSpace(line); line != "" {
			os.WriteFile("/dev/kmsg", []byte("<4>coldplug: "+line+"\n"), 0)
		}
	}
}

// begin starts a program that goes on without us, with no input and no output.
func begin(argv ...string) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		say(err)
	}
}

// look asks for the modules of each device once.
func look() {
	asked := map[string]bool{}
	for end := time.Now().Add(enough); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		var fresh []string
		for _, a := range aliases("/sys/devices") {
			if !asked[a] {
				asked[a] = true
				fresh = append(fresh, a)
			}
		}
		if len(fresh) == 0 {
			continue
		}
		out, err := exec.Command("/bbin/modprobe", append([]string{"-a", "-q", "--"}, fresh...)...).CombinedOutput()
		if err != nil {
			say(err, string(out))
		}
	}
}

// aliases are what the devices below a folder say of themselves.
func aliases(root string) (found []string) {
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "modalias" {
			if text, err := os.ReadFile(path); err == nil {
				found = append(found, strings.TrimSpace(string(text)))
			}
		}
		return nil // devices come and go
	})
	return found
}
