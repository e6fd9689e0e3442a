package object

import (
	"errors"
	"fmt"
	"strings"

	"bootlink/rtcfg/conf"
)

// keyBytes is the length of all keys of wireguard; noKey is the text of one
// that is not set: zeros.
const (
	keyBytes = 32
	noKey    = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
)

// notKey does not show what it is about, which may be most of a secret. It is no
// variable: the tables of rows lead here, and would be made by code of 30 KB if
// anything that they lead to had to be made first.
func notKey() error { return errors.New("this is not a key: 32 bytes in base64 are") }

// digits are those of base64, RFC 4648. Package encoding/base64 knows more of it,
// and is 6 KB of the binary.
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// keyOf gives the bytes of a key; nil is a text that is none. As wg(8) it wants
// the bits behind the last byte to be zero, so that a key has one text.
func keyOf(text string) (key []byte) {
	if len(text) != len(noKey) || text[len(text)-1] != '=' {
		return nil
	}
	bits, n := 0, 0
	for i := range len(text) - 1 {
		v := strings.IndexByte(digits, text[i])
		if v < 0 {
			return nil
		}
		bits, n = bits<<6|v, n+6
		if n >= 8 {
			n -= 8
			key = append(key, byte(bits>>n))
			bits &= 1<<n - 1
		}
	}
	if bits != 0 {
		return nil
	}
	return key
}

// keyText gives the text of a key.
func keyText(key []byte) string {
	var text []byte
	bits, n := 0, 0
	for _, b := range key {
		bits, n = bits<<8|int(b), n+8
		for n >= 6 {
			n -= 6
			text = append(text, digits[bits>>n&63])
		}
	}
	return string(append(text, digits[bits<<2&63], '='))
}

// Key reads a key as wg(8) writes it, blanks around it aside.
func Key(text string) (string, error) {
	text = strings.TrimSpace(text)
	if keyOf(text) == nil {
		return "", notKey()
	}
	return text, nil
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
	name = conf.Beside(n.Pos.File, name)
	return name, nil
}

func packKey(_ *Row, text string, _ Names) (value, error) {
	if raw := keyOf(text); raw != nil {
		return value{raw: raw}, nil
	}
	return value{}, notKey()
}

func unpackKey(_ *Row, v value, _ Names) (string, error) {
	if len(v.raw) != keyBytes {
		return "", fmt.Errorf("a key of %d bytes", len(v.raw))
	}
	return keyText(v.raw), nil
}

// sameSecret: the kernel keeps of a private key what Curve25519 uses (RFC 7748,
// section 5).
func sameSecret(want, have string) bool {
	raw := keyOf(want)
	if raw == nil {
		return false
	}
	raw[0] &^= 7
	raw[keyBytes-1] = raw[keyBytes-1]&0x7f | 0x40
	return keyText(raw) == have
}
