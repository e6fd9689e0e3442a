package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// commandPrefix tells u-root's commands from the other tools of go.mod.
const commandPrefix = "github.com/u-root/u-root/cmds/"

// ownCommands are ours. They import nothing of ours: the rewriting into one
// binary finds only packages of the standard library and of modules with a
// dot in their name.
var ownCommands = [...]string{"./guest/modprobe", "./guest/start"}

// small makes the base fit a router's memory: a shell without a line editor, no
// inlining and none of what else the compiler pays for speed with size. Hence, too,
// no u-root command that needs TLS, DNS or rtnetlink of its own; init needs zstd and xz.
var small = [...]string{"-tags", "goshsmall", "-go-extra-args", "-gcflags=all=-l -d=variablemakethreshold=0,noopendefer=1,maxshapelen=12 -d=ssa/loop_rotate/off",
	"-go-extra-args", "-ldflags=-s -w -buildid= -R 4096"}

// A machine is what an image is built for.
type machine struct {
	target  []string // the environment that makes Go build for it
	cc      string   // its C compiler; "": no program of ours in C goes in
	product bool     // there is more for it than bare.cpio
	tools   bool     // qemu/fetch brings iproute2 for it
}

// machines: the product's, its 64-bit sister, and a PC for a kernel that finds data races.
var machines = map[string]machine{
	"arm":   {[]string{"GOOS=linux", "GOARCH=arm", "GOARM=7", "CGO_ENABLED=0"}, multiarch + "-gcc", true, true},
	"arm64": {[]string{"GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0"}, "", true, false},
	"amd64": {[]string{"GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0"}, "gcc", false, false},
}

// base returns a cpio file with u-root's commands and ours, all one binary. It
// is built only if the cache has none of the same sources.
func (p *paths) base() (string, error) {
	key, err := p.baseKey()
	if err != nil {
		return "", err
	}
	file := filepath.Join(p.cache, "base-"+key+".cpio")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 { // somebody waits
		log.Print("building u-root's commands, half a minute")
	}
	temp := file + ".new"
	if err := p.buildBase(temp); err != nil {
		return "", err
	}
	return file, os.Rename(temp, file)
}

// baseKey is a hash of what the base is built from: versions and commands as
// go.mod and go.sum pin them, our own sources, the compiler, the target.
func (p *paths) baseKey() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), p.machine.target, small)
	sources := []string{filepath.Join(p.qemu, "go.mod"), filepath.Join(p.qemu, "go.sum")}
	for _, command := range ownCommands {
		files, err := filepath.Glob(filepath.Join(p.qemu, command, "*.go"))
		if err != nil {
			return "", err
		}
		sources = append(sources, files...)
	}
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, filepath.Base(file), len(content))
		h.Write(content)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

// buildBase runs u-root, which has to be built for this machine while its
// output is for the target: hence the path from `go tool -n`.
func (p *paths) buildBase(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	uroot, err := p.output(nil, "go", "tool", "-n", "u-root")
	if err != nil {
		return err
	}
	tools, err := p.output(nil, "go", "list", "tool")
	if err != nil {
		return err
	}
	args := []string{"-o", file, "-skip-ldd", "-initcmd", "init", "-defaultsh", "gosh", "-uinitcmd", ""}
	args = append(args, small[:]...)
	for tool := range strings.FieldsSeq(tools) {
		if strings.HasPrefix(tool, commandPrefix) {
			args = append(args, tool)
		}
	}
	_, err = p.output(p.machine.target, strings.TrimSpace(uroot), append(args, ownCommands[:]...)...)
	return err
}

// output runs a program in qemu/ and returns its standard output; when it
// fails, the error has all that it said.
func (p *paths) output(env []string, name string, args ...string) (string, error) {
	var out, all bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Dir = p.qemu
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout = io.MultiWriter(&out, &all)
	cmd.Stderr = &all
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, &all)
	}
	return out.String(), nil
}
