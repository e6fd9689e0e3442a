package object

import (
	"fmt"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// Forms of wireguard's values.
var (
	// KeyFile is the name of a file until the file is read, and from then on the
	// key that is in it.
	KeyFile    = &Form{"name of a file", texts, parseKeyFile, packKey, unpackKey}
	publicKey  = &Form{"key", texts, parseKey, packKey, unpackKey}
	endpoint   = &Form{"address:port", texts, parseEndpoint, packEndpoint, unpackEndpoint}
	allowedIPs = &Form{"list of prefixes", lists | texts, parseAllowed, packAllowed, unpackAllowed}
)

// parseAllowed gives the prefixes sorted as text, each once.
func parseAllowed(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.Array, `a list like ["10.0.0.0/8", "fd00::/64"]`); err != nil {
		return "", err
	}
	var list []string
	for _, item := range n.Items {
		text, err := parsePrefix(r, item)
		if err != nil {
			return "", err
		}
		list = order.Also(list, text)
	}
	if len(list) > int(r.Max) {
		return "", wrong(n, fmt.Sprintf("%d fit into a message", r.Max), "%s has %d prefixes", r.Key, len(list))
	}
	return strings.Join(order.Unique(list), " "), nil
}

func packAllowed(_ *Row, text string, _ Names) (value, error) {
	a := nlcore.NewAttrWriter(nil)
	for _, word := range strings.Fields(text) {
		p, err := ip.ParsePrefix(word)
		if err != nil {
			return value{}, err
		}
		family := uint16(unix.AF_INET)
		if p.Addr().Is6() {
			family = unix.AF_INET6
		}
		a.Nest(0, func() {
			a.U16(unix.WGALLOWEDIP_A_FAMILY, family)
			a.Raw(unix.WGALLOWEDIP_A_IPADDR, p.Addr().Bytes())
			a.U8(unix.WGALLOWEDIP_A_CIDR_MASK, uint8(p.Bits()))
		})
	}
	return value{raw: a.Bytes()}, a.Err()
}

func unpackAllowed(_ *Row, v value, _ Names) (string, error) {
	var list []string
	for item, err := range nlcore.Attrs(v.raw) {
		if err != nil {
			return "", err
		}
		a, ok := ip.FromBytes(within(item.Data, unix.WGALLOWEDIP_A_IPADDR))
		bits := within(item.Data, unix.WGALLOWEDIP_A_CIDR_MASK)
		if !ok || len(bits) == 0 {
			return "", fmt.Errorf("an allowed prefix of %d bytes", len(item.Data))
		}
		list = order.Also(list, ip.PrefixFrom(a, int(bits[0])).String())
	}
	return strings.Join(order.Unique(list), " "), nil
}
