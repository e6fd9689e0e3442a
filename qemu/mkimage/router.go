package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/u-root/u-root/pkg/uflag"
)

// router fills the product's image.
func (p *paths) router(a archive) error {
	base, err := p.base()
	if err != nil {
		return err
	}
	if err := a.merge(base); err != nil {
		return err
	}
	if err := p.modules(a); err != nil {
		return err
	}
	delete(a, "etc/resolv.conf") // u-root's names a resolver of its own choice
	for _, dir := range []string{"run", "var/lib", "root", "mnt"} {
		a.dir(dir)
	}
	if p.board != "" {
		if err := a.copy("etc/bootlink/router.toml", filepath.Join(p.board, "router.toml"), 0o644); err != nil {
			return err
		}
	}
	return p.product(a)
}

// boardsImage is the product's for any board, with the modules of their devices, which
// coldplug finds. Each board has its own default, so there is no router.toml.
func (p *paths) boardsImage(a archive) error {
	if err := p.router(a); err != nil {
		return err
	}
	delete(a, "etc/bootlink/router.toml")
	delete(a, "bin/uinit") // coldplug starts it
	delete(a, "etc/uinit.flags")
	file := filepath.Join(p.out, "coldplug")
	_, err := p.output(p.machine.target, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid=", "-o", file, "./guest/coldplug")
	if err != nil {
		return err
	}
	a.link("bbin/uinit", "coldplug")
	return a.copy("bbin/coldplug", file, 0o755)
}

// product adds bootlink, and says that init starts `bootlink run`.
func (p *paths) product(a archive) error {
	ok, err := p.built(p.bootlink, "make arm")
	if !ok {
		return err
	}
	a.link("bin/uinit", "../bbin/start")
	a.file("etc/uinit.flags", []byte(uflag.ArgvToFile([]string{"bootlink", "run"})), 0o644)
	return a.copy("bbin/bootlink", p.bootlink, 0o755)
}

// built tells whether a product is there. Without -partial a missing one is an
// error that says how to make it.
func (p *paths) built(file, how string) (bool, error) {
	_, err := os.Stat(file)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || !p.partial {
		return false, fmt.Errorf("%w: %s builds it", err, how)
	}
	log.Printf("WARNING: %s is not built and left out: %s builds it", file, how)
	return false, nil
}
