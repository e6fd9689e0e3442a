package object

import (
	"strconv"
	"strings"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
)

// SysctlID names a sysctl by its path below /proc/sys: "net/ipv4/ip_forward".
func SysctlID(path string) ID { return ID{Sysctl, path} }

// exchanged gives text with each of two letters in the other's place.
func exchanged(text string, one, other byte) string {
	b := []byte(text)
	for i, c := range b {
		switch c {
		case one:
			b[i] = other
		case other:
			b[i] = one
		}
	}
	return string(b)
}

// sysctlPath turns a key as sysctl(8) writes it into a path: the first dot or
// slash is what separates, the other one is what a link's name has
// ("net/ipv4/conf/wan.7/rp_filter", "net.ipv4.conf.wan/7.rp_filter").
func sysctlPath(pos conf.Pos, key string) (string, error) {
	path := key
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '.' {
		path = exchanged(key, '.', '/')
	}
	for _, part := range strings.Split(path, "/") {
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

// sysctlValue reads what is to be written: a line.
func sysctlValue(n *conf.Node) (string, error) {
	switch n.Kind {
	case conf.Bool:
		return map[string]string{"true": "1", "false": "0"}[n.Text], nil
	case conf.Integer:
		v, err := strconv.ParseInt(n.Text, 0, 64) // the kernel knows no 1_000
		if err != nil {
			return "", wrong(n, "write a smaller one", "%s is not a number that fits", n.Text)
		}
		return strconv.FormatInt(v, 10), nil
	case conf.String:
		if strings.ContainsFunc(n.Text, func(c rune) bool { return c < ' ' && c != '\t' }) {
			return "", wrong(n, "write one line", "a sysctl of several lines, or with control characters")
		}
		return n.Text, nil
	}
	return "", wrong(n, "write a number or a string", "a sysctl is not %s", n.Kind)
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
// numbers by tabs, ends the line, and tells an address with all its zeros.
func SameSysctl(want, have string) bool {
	a, err := ip.ParseAddr(want)
	if b, _ := ip.ParseAddr(have); err == nil && a == b {
		return true
	}
	return strings.Join(strings.Fields(want), " ") == strings.Join(strings.Fields(have), " ")
}
