package object

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
)

// checkKey holds a text against package encoding/base64, which reads over ends
// of lines, and wg does not.
func checkKey(t *testing.T, text string) (good bool) {
	t.Helper()
	want, err := base64.StdEncoding.Strict().DecodeString(text)
	good = err == nil && len(want) == keyBytes && !strings.ContainsAny(text, "\r\n")
	switch got := keyOf(text); {
	case good != (got != nil):
		t.Errorf("%q is read as %x; want %x, %v", text, got, want, err)
	case good && !bytes.Equal(got, want):
		t.Errorf("%q is %x; want %x", text, got, want)
	case good && keyText(got) != text:
		t.Errorf("%q is written as %q", text, keyText(got))
	}
	return good
}

// Keys are read and written as package encoding/base64 does.
func TestKeyText(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	key := make([]byte, keyBytes)
	for range 1000 {
		for i := range key {
			key[i] = byte(random.Uint32())
		}
		if text := base64.StdEncoding.EncodeToString(key); !checkKey(t, text) || keyText(key) != text {
			t.Fatalf("%x is written as %q; want %q", key, keyText(key), text)
		}
		text := []byte(keyText(key))
		text[random.IntN(len(text))] = byte(random.Uint32())
		checkKey(t, string(text))
	}
	for _, text := range []string{"", "=", noKey[1:], noKey + "=", "A" + noKey, noKey[:43], noKey[:43] + "A", noKey[:42] + "==", noKey[:42] + "B=", noKey[:42] + "D=", "\n" + noKey[1:], "-" + noKey[1:], "_" + noKey[1:], "é" + noKey[2:]} {
		if checkKey(t, text) {
			t.Errorf("%q is a key", text)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add(noKey)
	f.Add("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz8=")
	f.Fuzz(func(t *testing.T, text string) { checkKey(t, text) })
}
