package caps

import (
	"strings"

	"bootlink/kmod"
	"bootlink/nlcore/sysfile"
)

// A config is the text of a kernel's configuration; "": it is not known.
type config string

// largest bounds what a configuration may have; Debian's has 250 KB.
const largest = 4 << 20

// readConfig takes the kernel's own (CONFIG_IKCONFIG_PROC), else what distributions put
// beside it.
func readConfig(root string) config {
	packed, err := sysfile.ReadMost(sysfile.Join(root, "proc/config.gz"), largest)
	if err == nil {
		text, err := gunzip(packed, largest)
		if err == nil {
			return config("\n" + string(text))
		}
	}
	text, _ := sysfile.ReadMost(sysfile.Join(root, "boot/config-"+kmod.Release()), largest)
	if len(text) == 0 {
		return ""
	}
	return config("\n" + string(text))
}

// value is 'y', 'm' or 'n'; 0: not known.
func (c config) value(symbol string) byte {
	if c == "" || symbol == "" {
		return 0
	}
	_, after, found := strings.Cut(string(c), "\n"+symbol+"=")
	if !found || after == "" {
		return 'n'
	}
	return after[0]
}

// options gives y, m or n of the symbols of options.
func (c config) options() map[string]string {
	list := map[string]string{}
	for symbol := range symbols() {
		list[symbol] = string(rune(c.value(symbol)))
	}
	return list
}
