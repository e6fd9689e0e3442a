// Command kernelcaps tells what a kernel that was just built will be able to do, as the
// report that `bootlink check --caps` reads: build hosts refuse an image by it before
// anybody boots it. It looks at the kernel's configuration and at the modules in the
// image; nothing runs.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bootlink/rtcfg/caps"
)

const usage = "usage: kernelcaps KERNEL-BUILD-FOLDER [IMAGE-FOLDER] >caps.json"

func main() {
	if len(os.Args) < 2 || len(os.Args) > 3 || strings.HasPrefix(os.Args[1], "-") {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	image := ""
	if len(os.Args) == 3 {
		image = os.Args[2]
	}
	b, err := read(os.Args[1], image)
	if err == nil {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		err = out.Encode(b.Report())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kernelcaps:", err)
		os.Exit(1)
	}
}

// read takes from the folder where a kernel was built what it says of itself. Without
// an image the modules are not looked for, so what is one is not there.
func read(kernel, image string) (caps.Build, error) {
	config, err := os.ReadFile(filepath.Join(kernel, ".config"))
	if err != nil {
		return caps.Build{}, fmt.Errorf("%w: build the kernel there first", err)
	}
	release, err := os.ReadFile(filepath.Join(kernel, "include/config/kernel.release"))
	if err != nil {
		return caps.Build{}, fmt.Errorf("%w: build the kernel there first", err)
	}
	b := caps.Build{Config: string(config), Release: strings.TrimSpace(string(release)), Machine: machine(string(config)), Root: image}
	if image == "" {
		return b, nil
	}
	modules := filepath.Join(image, "lib/modules")
	_, err = os.Stat(filepath.Join(modules, b.Release))
	if errors.Is(err, os.ErrNotExist) && strings.Contains(b.Config, "\nCONFIG_MODULES=y") {
		err = fmt.Errorf("%s has no modules of %s: install them first, or let them be those of this kernel", modules, b.Release)
	} else if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return b, err
}

// machine reads "# Linux/arm 6.1.159 Kernel Configuration".
func machine(config string) string {
	_, after, _ := strings.Cut(config, "# Linux/")
	name, _, _ := strings.Cut(after, " ")
	return name
}
