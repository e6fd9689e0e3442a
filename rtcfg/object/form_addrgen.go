package object

import (
	"strconv"

	"bootlink/nlcore"

	"golang.org/x/sys/unix"
)

// Unset is a boolean whose bit means the opposite.
var Unset = &Form{"boolean", bools, parseBoolean, packUnset, unpackUnset}

func packUnset(r *Row, text string, names Names) (value, error) {
	v, err := packBoolean(r, text, names)
	v.num ^= 1
	return v, err
}

func unpackUnset(_ *Row, v value, _ Names) (string, error) {
	return strconv.FormatBool(v.num == 0), nil
}

// addrGen is a word in IFLA_AF_SPEC { AF_INET6 { IFLA_INET6_ADDR_GEN_MODE } }.
var addrGen = &Form{"word", texts, parseEnum, packAddrGen, unpackAddrGen}

func packAddrGen(r *Row, text string, names Names) (value, error) {
	v, err := packEnum(r, text, names)
	w := nlcore.NewAttrWriter(nil)
	w.Nest(unix.AF_INET6, func() { w.U8(unix.IFLA_INET6_ADDR_GEN_MODE, uint8(v.num)) })
	return value{raw: w.Bytes()}, err
}

// unpackAddrGen gives "" for a link without IPv6.
func unpackAddrGen(r *Row, v value, names Names) (string, error) {
	mode := within(within(v.raw, unix.AF_INET6), unix.IFLA_INET6_ADDR_GEN_MODE)
	if len(mode) == 0 {
		return "", nil
	}
	return unpackEnum(r, value{num: uint64(mode[0])}, names)
}

// within gives what is in an attribute, nil where it is not there or the nest is
// broken before it.
func within(nest []byte, attr uint16) []byte {
	for a, err := range nlcore.Attrs(nest) {
		if err == nil && a.Type == attr {
			return a.Data
		}
	}
	return nil
}
