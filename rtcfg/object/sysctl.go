package object

import (
	"strings"

	"bootlink/rtcfg/conf"
)

// SysctlID names a sysctl by its path below /proc/sys: "net/ipv4/ip_forward".
func SysctlID(path string) ID { return ID{Sysctl, path} }

// sysctlPath turns a key as sysctl(8) writes it into a path: dots separate,
// or slashes where a link's name has dots in it ("net/ipv4/conf/wan.7/rp_filter").
func sysctlPath(pos conf.Pos, key string) (string, error) {
	path := key
	if !strings.Contains(key, "/") {
		path = strings.ReplaceAll(key, ".", "/")
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, func(c rune) bool { return c <= ' ' }) {
			return "", conf.Fault{Pos: pos, What: "sysctl \"" + key + "\" is not a path", Hint: `write it like "net.ipv4.ip_forward"`}
		}
	}
	if !strings.HasPrefix(path, "net/") {
		return "", conf.Fault{Pos: pos, What: "sysctl \"" + key + "\" is not below net", Hint: "only net.* is configured here"}
	}
	return path, nil
}

// linkSysctlPath places a link's own sysctl: "ipv6.accept_ra" of lan1 is
// net/ipv6/conf/lan1/accept_ra; "ipv4.neigh.x" is net/ipv4/neigh/lan1/x.
func linkSysctlPath(pos conf.Pos, link, key string) (string, error) {
	parts := strings.Split(key, ".")
	known := parts[0] == "ipv4" || parts[0] == "ipv6" || parts[0] == "mpls"
	switch {
	case len(parts) == 2 && known && parts[1] != "":
		return "net/" + parts[0] + "/conf/" + link + "/" + parts[1], nil
	case len(parts) == 3 && known && (parts[1] == "conf" || parts[1] == "neigh") && parts[2] != "":
		return "net/" + parts[0] + "/" + parts[1] + "/" + link + "/" + parts[2], nil
	}
	return "", conf.Fault{Pos: pos, What: "sysctl \"" + key + "\" is not a link's", Hint: `write it like "ipv6.accept_ra" or "ipv4.neigh.gc_stale_time"`}
}

// SysctlLink gives the link whose sysctl this is, or "".
func (id ID) SysctlLink() string {
	parts := strings.Split(id.Name, "/")
	if id.Class != Sysctl || len(parts) != 5 || parts[2] != "conf" && parts[2] != "neigh" {
		return ""
	}
	if parts[3] == "all" || parts[3] == "default" {
		return ""
	}
	return parts[3]
}

// SameSysctl compares what was written with what is read: the kernel separates
// numbers by tabs and ends the line.
func SameSysctl(want, have string) bool {
	return strings.Join(strings.Fields(want), " ") == strings.Join(strings.Fields(have), " ")
}
