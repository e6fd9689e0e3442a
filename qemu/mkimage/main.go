package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("mkimage: ")
	p, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2) // the flag package has said why
	}
	if err := p.build(); err != nil {
		log.Fatal(err)
	}
}

// paths is where things are: what the command line says, made absolute.
type paths struct {
	qemu     string // this module's folder
	kernel   string // what qemu/fetch left: release, modules
	iproute2 string // a root folder with iproute2 for ARM
	cache    string
	bootlink string
	module   string // hellobye.ko
	board    string
	client   string // source of the legacy client
	out      string

	machine machine
	bare    bool // write bare.cpio alone
	boards  bool // write boards.cpio alone

	partial bool // leave out what is not built yet
	test    bool // write test.cpio as well

	release string // of the kernel
}

// parse reads the command line. Paths are relative to the repository's root.
func parse(args []string) (*paths, error) {
	var p paths
	set := flag.NewFlagSet("mkimage", flag.ContinueOnError)
	root := set.String("root", "..", "the repository's `folder`; the other paths are relative to it")
	p.qemu = "qemu"
	set.StringVar(&p.kernel, "kernel", "qemu/out/kernel", "`folder` with release and modules, as qemu/fetch leaves it")
	set.StringVar(&p.iproute2, "iproute2", "qemu/out/iproute2", "root `folder` with iproute2 for ARM, as qemu/fetch leaves it")
	set.StringVar(&p.cache, "cache", "qemu/out/cache", "`folder` for what takes long to build")
	set.StringVar(&p.bootlink, "bootlink", "build/arm/bootlink", "the product's `binary` for ARM")
	set.StringVar(&p.module, "module", "build/module/RELEASE/hellobye.ko", "the kernel module's `file`; empty: it is left out")
	set.StringVar(&p.board, "board", "board/qemu-virt", "`folder` of the board whose router.toml goes in; empty: none does, and bootlink takes the board's that it is on")
	set.StringVar(&p.client, "client", "kmod/src/test/legacy_client.c", "C `source` of the legacy client, for -test")
	set.StringVar(&p.out, "out", "build/image", "`folder` for router.cpio and test.cpio")
	set.BoolVar(&p.test, "test", false, "write test.cpio, the overlay for tests, as well")
	set.BoolVar(&p.bare, "bare", false, "write only bare.cpio: u-root's commands, the agent, the legacy client")
	set.BoolVar(&p.boards, "boards", false, "write only boards.cpio: router.cpio for any board, without a router.toml")
	target := set.String("machine", "arm", "`machine` that the image is for: arm, arm64, or, with -bare, amd64")
	set.BoolVar(&p.partial, "partial", false, "leave out, with a warning, what is not built yet")
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	var known bool
	if p.machine, known = machines[*target]; !known || !p.machine.product && !p.bare {
		return nil, fmt.Errorf("no image for machine %q", *target)
	}
	for _, path := range []*string{&p.qemu, &p.kernel, &p.iproute2, &p.cache, &p.bootlink, &p.module, &p.board, &p.client, &p.out} {
		if *path == "" || filepath.IsAbs(*path) {
			continue
		}
		abs, err := filepath.Abs(filepath.Join(*root, *path))
		if err != nil {
			return nil, err
		}
		*path = abs
	}
	return &p, nil
}

// build writes the images.
func (p *paths) build() error {
	if p.bare {
		return p.writeImage("bare.cpio", p.bareImage)
	}
	release, err := os.ReadFile(filepath.Join(p.kernel, "release"))
	if err != nil {
		return fmt.Errorf("%w: make fetch brings the kernel", err)
	}
	p.release = strings.TrimSpace(string(release))
	p.module = strings.ReplaceAll(p.module, "RELEASE", p.release)
	if p.boards {
		return p.writeImage("boards.cpio", p.boardsImage)
	}
	if err := p.writeImage("router.cpio", p.router); err != nil {
		return err
	}
	if !p.test {
		return nil
	}
	return p.writeImage("test.cpio", p.overlay)
}

// writeImage fills an archive and puts it in the old one's place.
func (p *paths) writeImage(name string, fill func(archive) error) error {
	a := archive{}
	if err := fill(a); err != nil {
		return err
	}
	if err := os.MkdirAll(p.out, 0o755); err != nil {
		return err
	}
	return a.writeFile(filepath.Join(p.out, name))
}
