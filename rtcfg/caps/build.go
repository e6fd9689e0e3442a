package caps

import (
	"bootlink/kmod"
	"bootlink/nlcore"
)

// A Build is a kernel that was built, and does not run here.
type Build struct {
	Config  string // the text of its .config
	Release string // as `make kernelrelease` tells it, and `uname -r` there
	Machine string
	Root    string // the folder of the image, with its lib/modules
}

// Report tells what that kernel will have, by its configuration and its installed
// modules alone. What neither tells is [Unknown], and no fault.
func (b Build) Report() *Report {
	p := &prober{modules: kmod.Modules(b.Root, b.Release), config: config("\n" + b.Config)}
	r := &Report{Release: b.Release, Machine: b.Machine, Config: p.config.options()}
	for _, f := range all() {
		r.Features = append(r.Features, State{*f, p.judge(f, Untold, b.Release)})
	}
	for _, bus := range nlcore.Buses() {
		r.Buses = append(r.Buses, p.bus(bus))
	}
	return r
}

// bus judges a netlink protocol likewise.
func (p *prober) bus(b nlcore.Bus) Bus {
	is := Bus{Number: b.Number, Name: b.Name, Purpose: b.Purpose, History: b.History, Kconfig: b.Kconfig, Module: b.Module}
	switch built := p.config.value(b.Kconfig); {
	case built == 'y' || built == 'm' && p.modules[b.Module] != kmod.Nowhere:
		is.Present = true
		return is
	case built == 'm':
		is.Reason = "module " + b.Module + " is not installed"
	default:
		is.Reason = "the kernel is built without it"
	}
	is.Mend = b.Mend
	if b.Mend == "" && b.Kconfig != "" {
		is.Mend = "enable " + b.Kconfig
	}
	return is
}
