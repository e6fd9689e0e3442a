package main

import (
	"log"
	"os"
	"path"
	"path/filepath"
)

// tools are the programs that tests compare with, those of iproute2 and wg. They
// are called by these paths: /opt/iproute2/ip, /opt/iproute2/bridge and so on.
var tools = map[string]string{"ip": "bin/ip", "bridge": "sbin/bridge", "tc": "sbin/tc", "wg": "usr/bin/wg"}

// What the tools look for at run time is linked to this folder.
const (
	toolsDir   = "opt/iproute2"
	libraryDir = toolsDir + "/lib"
	multiarch  = "arm-linux-gnueabihf"
	loader     = "ld-linux-armhf.so.3"
)

// overlay fills the archive that tests put behind the product's. Init runs
// /bbin/uinit, the agent, before /bin/uinit, the product.
func (p *paths) overlay(a archive) error {
	if err := p.agent(a); err != nil {
		return err
	}
	if err := p.command(a, "ping", pingCommand); err != nil {
		return err
	}
	if !p.machine.tools {
		return nil
	}
	if err := p.addTools(a); err != nil {
		return err
	}
	return p.legacyClient(a)
}

// bareImage is for a kernel that needs nothing of the product's.
func (p *paths) bareImage(a archive) error {
	base, err := p.base()
	if err != nil {
		return err
	}
	if err := a.merge(base); err != nil {
		return err
	}
	for _, dir := range []string{"run", "root", "mnt"} {
		a.dir(dir)
	}
	if err := p.agent(a); err != nil {
		return err
	}
	return p.legacyClient(a)
}

// agent adds the agent, which is no part of u-root's single binary: that one
// belongs to the product.
func (p *paths) agent(a archive) error {
	a.link("bbin/uinit", "agent")
	return p.command(a, "agent", "./guest/agent")
}

// pingCommand is for people in the demo; in u-root's single binary it costs 0.4 MB.
const pingCommand = "github.com/u-root/u-root/cmds/core/ping"

// command adds a program of its own.
func (p *paths) command(a archive, name, source string) error {
	file := filepath.Join(p.out, name)
	_, err := p.output(p.machine.target, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid=", "-o", file, source)
	if err != nil {
		return err
	}
	return a.copy("bbin/"+name, file, 0o755)
}

// addTools adds the tools with iproute2's tables of names and its libraries.
func (p *paths) addTools(a archive) error {
	var programs []string
	for name, file := range tools {
		file = filepath.Join(p.iproute2, file)
		programs = append(programs, file)
		if err := a.copy(path.Join(toolsDir, name), file, 0o755); err != nil {
			return err
		}
	}
	libraries, err := libraryClosure(programs, func(soname string) string {
		return findLibrary(p.iproute2, soname)
	})
	if err != nil {
		return err
	}
	for soname, file := range libraries {
		if err := a.copy(path.Join(libraryDir, soname), file, 0o755); err != nil {
			return err
		}
	}
	a.link("lib/"+loader, "/"+libraryDir+"/"+loader)
	a.link("lib/"+multiarch, "/"+libraryDir)
	return p.nameTables(a)
}

// nameTables adds /etc/iproute2, the names of tables, protocols and scopes.
func (p *paths) nameTables(a archive) error {
	files, err := filepath.Glob(filepath.Join(p.iproute2, "etc/iproute2/*"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			continue // rt_tables.d and the like hold only a README
		}
		if err := a.copy("etc/iproute2/"+filepath.Base(file), file, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// legacyClient adds the C client of the legacy protocol, if its source is there.
func (p *paths) legacyClient(a archive) error {
	if _, err := os.Stat(p.client); err != nil {
		log.Printf("WARNING: no legacy client in the image: %v", err)
		return nil
	}
	file := filepath.Join(p.out, "legacy_client")
	_, err := p.output(nil, p.machine.cc, "-static", "-O2", "-Wall", "-s", "-o", file, p.client)
	if err != nil {
		return err
	}
	return a.copy("bbin/legacy_client", file, 0o755)
}
