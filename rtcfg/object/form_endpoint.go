package object

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"bootlink/nlcore/ip"
	"bootlink/rtcfg/conf"

	"golang.org/x/sys/unix"
)

// A peer is where a tunnel's other end listens.
type peer struct {
	addr ip.Addr
	zone string // name of a link; only an IPv6 address has one
	port uint16
}

// readPeer reads "192.0.2.1:51820" or "[fe80::1%lan1]:51820". A zone of an IPv4
// address in IPv6's notation means nothing, and is dropped.
func readPeer(text string) (p peer, ok bool) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return p, false
	}
	host, inside := strings.CutPrefix(text[:at], "[")
	host, closed := strings.CutSuffix(host, "]")
	host, zone, zoned := strings.Cut(host, "%")
	addr, err := ip.ParseAddr(host)
	port, err2 := strconv.ParseUint(text[at+1:], 10, 16)
	if err != nil || err2 != nil || inside != closed || inside != addr.Is6() || zoned && (zone == "" || addr.Is4()) {
		return p, false
	}
	return peer{addr, zone, uint16(port)}, true
}

func (p *peer) String() string {
	host := p.addr.String()
	if p.addr.Is6() {
		if p.zone != "" {
			host += "%" + p.zone
		}
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(p.port))
}

func parseEndpoint(r *Row, n *conf.Node) (string, error) {
	const example = `an address and a port, like "192.0.2.1:51820" or "[2001:db8::1]:51820"`
	if err := expect(n, conf.String, example); err != nil {
		return "", err
	}
	p, ok := readPeer(n.Text)
	switch {
	case !ok:
		return "", wrong(n, "write "+example+"; names are not looked up", "%s %q is no address with a port", r.Key, n.Text)
	case p.port == 0:
		return "", wrong(n, "1 to 65535 are allowed", "%s %q has port 0", r.Key, n.Text)
	}
	p.addr = p.addr.Unmap()
	return p.String(), nil
}

// packEndpoint makes a struct sockaddr_in or sockaddr_in6.
func packEndpoint(_ *Row, text string, names Names) (v value, err error) {
	p, ok := readPeer(text)
	if !ok {
		return v, fmt.Errorf("%q is no address with a port", text)
	}
	if p.addr.Is4() {
		v.raw = append(sockaddr(unix.AF_INET, p.port), p.addr.Bytes()...)
		return value{raw: append(v.raw, make([]byte, 8)...)}, nil
	}
	var scope uint32
	if p.zone != "" {
		scope, err = names.Index(p.zone)
	}
	v.raw = append(sockaddr(unix.AF_INET6, p.port), 0, 0, 0, 0)
	v.raw = append(v.raw, p.addr.Bytes()...)
	v.raw = binary.NativeEndian.AppendUint32(v.raw, scope)
	return v, err
}

func sockaddr(family, port uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.NativeEndian.AppendUint16(nil, family), port)
}

func unpackEndpoint(_ *Row, v value, names Names) (string, error) {
	b, p := v.raw, peer{}
	switch {
	case len(b) == unix.SizeofSockaddrInet4:
		p.addr, _ = ip.FromBytes(b[4:8])
	case len(b) == unix.SizeofSockaddrInet6:
		p.addr, _ = ip.FromBytes(b[8:24])
		if scope := binary.NativeEndian.Uint32(b[24:]); scope != 0 {
			p.zone = names.Name(scope)
		}
	default:
		return "", fmt.Errorf("an endpoint of %d bytes", len(b))
	}
	p.port = binary.BigEndian.Uint16(b[2:])
	return p.String(), nil
}
