package object

import (
	"fmt"
	"strings"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
)

// Prefix is an address with a prefix length; an address alone means all of its
// bits. On the wire the length stands in the fixed header, see [Row.Len].
var Prefix = &Form{"prefix", texts, parsePrefix, packPrefix, unpackPrefix}

func parsePrefix(r *Row, n *conf.Node) (string, error) {
	hint := `write it like "10.0.0.0/8"`
	if r.rare().Need != "" {
		hint = "write " + r.rare().Need
	}
	if err := expect(n, conf.String, `a prefix in quotes, like "10.0.0.0/8"`); err != nil {
		return "", err
	}
	p, err := ip.ParsePrefix(n.Text)
	if err != nil {
		if a, err := ip.ParseAddr(n.Text); err == nil {
			a = a.Unmap()
			return ip.PrefixFrom(a, a.Bits()).String(), nil
		}
	}
	switch {
	case err != nil:
		return "", wrong(n, hint, "%s %q is not a prefix", r.Key, n.Text)
	case p != p.Masked():
		return "", wrong(n, fmt.Sprintf("write %q", p.Masked()), "%q has bits set beyond its prefix length", n.Text)
	}
	return p.String(), nil
}

func packPrefix(_ *Row, text string, _ Names) (value, error) {
	p, err := ip.ParsePrefix(text)
	if err != nil {
		return value{}, err
	}
	return value{raw: p.Addr().Bytes(), num: uint64(p.Bits())}, nil
}

func unpackPrefix(_ *Row, v value, _ Names) (string, error) {
	a, ok := ip.FromBytes(v.raw)
	if !ok {
		return "", fmt.Errorf("an address of %d bytes", len(v.raw))
	}
	return ip.PrefixFrom(a, int(v.num)).String(), nil
}

// textFamily gives the address family of texts that hold addresses: "inet6" if
// one has a colon, "inet" if one has a dot, "" if there is none.
func textFamily(texts ...string) string {
	for _, text := range texts {
		switch {
		case strings.Contains(text, ":"):
			return "inet6"
		case strings.Contains(text, "."):
			return "inet"
		}
	}
	return ""
}
