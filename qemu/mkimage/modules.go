package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"
)

// bootModules are loaded by init before anything else runs.
var bootModules = [...]string{"virtio_mmio", "virtio_net", "virtio_console", "virtio_rng"}

// imageModules are patterns of names of modules that go into the image, with
// all that they depend on. A name without a wildcard must be in the kernel.
var imageModules = [...]string{
	// links
	"bridge", "br_netfilter", "8021q", "veth", "dummy", "bonding", "vrf", "macvlan", "macvtap",
	"ipvlan", "vxlan", "geneve", "wireguard", "ifb", "nlmon", "tun", "team*", "ip_gre", "ip6_gre",
	"ipip", "sit", "ip6_tunnel", "ip_vti", "ip6_vti", "xfrm_interface", "macsec",
	// netlink protocols
	"crypto_user", "cn", "xfrm_user", "nfnetlink", "netlink_diag", "inet_diag", "tcp_diag", "udp_diag",
	"unix_diag", "scsi_transport_iscsi",
	// traffic control
	"sch_*", "cls_*", "act_*",
	// packet filter; nf_tables needs a crc32c from somewhere, which modules.dep does not tell
	"crc32c_generic", "nf_tables", "nft_ct", "nft_nat", "nft_masq", "nft_chain_nat", "nft_limit", "nft_log",
	"nft_reject_inet", "nft_fib_inet", "nft_numgen", "nfnetlink_log", "nfnetlink_queue",
}

// boardModules are the modules of the boards' ports, and of what these hang on: clocks,
// regulators, buses.
var boardModules = [...]string{
	"sun4i_emac", "dwmac_sun8i", "dwmac_sunxi", "fec", "smsc911x", "smsc95xx", "cdc_ether", "dwc2",
	"kernel/drivers/net/phy/*", "kernel/drivers/net/mdio/*", "kernel/drivers/regulator/*", "kernel/drivers/i2c/busses/*", "kernel/drivers/mfd/*",
	"kernel/drivers/nvmem/*", "kernel/drivers/phy/*/*", "kernel/drivers/clk/*/*", "kernel/drivers/gpio/*", "kernel/drivers/usb/phy/*",
}

// extraModule is where our own module goes, beside the kernel's.
const extraModule = "extra/hellobye.ko"

// modules adds the kernel's modules, ours, and depmod's index of them. A small
// tree has a small index, and a module is found the faster.
func (p *paths) modules(a archive) error {
	files, err := p.moduleFiles()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "mkimage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	root := filepath.Join("lib/modules", p.release)
	for name, from := range files {
		if err := copyFile(filepath.Join(temp, root, name), from); err != nil {
			return err
		}
		if err := a.copy(path.Join(root, name), from, 0o644); err != nil {
			return err
		}
	}
	if err := depmod(temp, p.release); err != nil {
		return err
	}
	for _, index := range []string{"modules.dep", "modules.alias", "modules.softdep", "modules.builtin", "modules.order"} {
		if err := a.copy(path.Join(root, index), filepath.Join(temp, root, index), 0o644); err != nil {
			return err
		}
	}
	a.file("lib/modules-load.d/boot.conf", []byte(strings.Join(bootModules[:], "\n")+"\n"), 0o644)
	return nil
}

// moduleFiles returns the files below lib/modules/<release>, by name, and where
// each comes from.
func (p *paths) moduleFiles() (map[string]string, error) {
	root := filepath.Join(p.kernel, "modules")
	dep, err := os.Open(filepath.Join(root, "modules.dep"))
	if err != nil {
		return nil, err
	}
	defer dep.Close()
	builtin, err := os.ReadFile(filepath.Join(root, "modules.builtin"))
	if err != nil {
		return nil, err
	}
	patterns := append(bootModules[:], imageModules[:]...)
	if p.boards {
		patterns = append(patterns, boardModules[:]...)
	}
	found, err := closure(dep, string(builtin), patterns)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, name := range append(found, "modules.builtin", "modules.order", "modules.builtin.modinfo") {
		files[name] = filepath.Join(root, name)
	}
	if p.module == "" {
		return files, nil
	}
	ok, err := p.built(p.module, "make module")
	if ok {
		files[extraModule] = p.module
	}
	return files, err
}
