package kmod

import (
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"
)

// busAlias begins the alias of a module that owns a netlink protocol; 16 is
// AF_NETLINK (MODULE_ALIAS_NET_PF_PROTO of linux/net.h).
const busAlias = "net-pf-16-proto-"

// BusModules reads modules.alias of the running kernel: which installed module
// the kernel would load for a netlink protocol number. It is false where there
// is no such file. Loading nothing, it is the polite way to ask.
func BusModules(root string) (map[int]string, bool) {
	text, err := sysfile.Read(sysfile.Join(root, "lib/modules", Release(), "modules.alias"))
	if err != nil {
		return nil, false
	}
	owners := map[int]string{}
	for line, rest := "", string(text); rest != ""; {
		line, rest, _ = strings.Cut(rest, "\n")
		f := strings.Fields(line)
		if len(f) != 3 || f[0] != "alias" {
			continue
		}
		if number, ok := strings.CutPrefix(f[1], busAlias); ok {
			if n, err := strconv.Atoi(number); err == nil {
				owners[n] = f[2]
			}
		}
	}
	return owners, true
}
