package object

import (
	"encoding/base64"
	"fmt"
	"path"
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

// keyBytes is the length of all keys of wireguard; noKey is the text of one
// that is not set: zeros.
const (
	keyBytes = 32
	noKey    = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
)

// Key reads a key as wg(8) writes it, blanks around it aside, and gives it in the
// form in which keys are compared.
func Key(text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != keyBytes {
		return "", fmt.Errorf("this is not a key: %d bytes in base64 are", keyBytes)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

func parseKey(r *Row, n *conf.Node) (string, error) {
	if err := expect(n, conf.String, "a key in quotes"); err != nil {
		return "", err
	}
	key, err := Key(n.Text)
	if err != nil || key == noKey {
		return "", wrong(n, "32 bytes in base64, 44 characters, as wg pubkey prints them", "%s %q is not a key", r.Key, n.Text)
	}
	return key, nil
}

// parseKeyFile gives the file's name; one that is relative is to the folder in
// which the file is that says it.
func parseKeyFile(r *Row, n *conf.Node) (string, error) {
	name, err := parseString(r, n)
	if err != nil {
		return "", err
	}
	if _, err := Key(name); err == nil {
		return "", wrong(n, "write the key into a file that only root can read, and its name here", "%s is the name of a file and not the key itself", r.Key)
	}
	if !path.IsAbs(name) {
		name = path.Join(path.Dir(n.Pos.File), name)
	}
	return name, nil
}

func packKey(_ *Row, text string, _ Names) (value, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	return value{raw: raw}, err
}

func unpackKey(_ *Row, v value, _ Names) (string, error) {
	return base64.StdEncoding.EncodeToString(v.raw), nil
}

// sameSecret: the kernel keeps of a private key what Curve25519 uses (RFC 7748,
// section 5).
func sameSecret(want, have string) bool {
	raw, err := base64.StdEncoding.DecodeString(want)
	if err != nil || len(raw) != keyBytes {
		return false
	}
	raw[0] &^= 7
	raw[keyBytes-1] = raw[keyBytes-1]&0x7f | 0x40
	return base64.StdEncoding.EncodeToString(raw) == have
}

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
		list = append(list, text)
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
		list = append(list, ip.PrefixFrom(a, int(bits[0])).String())
	}
	return strings.Join(order.Unique(list), " "), nil
}
