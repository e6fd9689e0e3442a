package object

import (
	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// Unset is a boolean whose bit means the opposite.
var Unset = Form{"boolean", parseBoolean, packUnset, unpackUnset}

func packUnset(r *Row, text string, names Names) (value, error) {
	v, err := packBoolean(r, text, names)
	v.num ^= 1
	return v, err
}

func unpackUnset(r *Row, v value, names Names) (string, error) {
	return unpackBoolean(r, value{num: map[bool]uint64{true: 1}[v.num == 0]}, names)
}

// addrGen is a word in IFLA_AF_SPEC { AF_INET6 { IFLA_INET6_ADDR_GEN_MODE } }.
var addrGen = Form{"word", parseEnum, packAddrGen, unpackAddrGen}

func packAddrGen(r *Row, text string, names Names) (value, error) {
	v, err := packEnum(r, text, names)
	w := nlcore.NewAttrWriter(nil)
	w.Nest(unix.AF_INET6, func() { w.U8(unix.IFLA_INET6_ADDR_GEN_MODE, uint8(v.num)) })
	return value{raw: w.Bytes()}, err
}

// unpackAddrGen gives "" for a link without IPv6.
func unpackAddrGen(r *Row, v value, names Names) (string, error) {
	for family, err := range nlcore.Attrs(v.raw) {
		if err != nil {
			return "", err
		}
		if family.Type != unix.AF_INET6 {
			continue
		}
		for a, err := range nlcore.Attrs(family.Data) {
			if err == nil && a.Type == unix.IFLA_INET6_ADDR_GEN_MODE {
				v.num, err = widen(a.Uint8())
				text, _ := unpackEnum(r, v, names)
				return text, err
			}
		}
	}
	return "", nil
}
