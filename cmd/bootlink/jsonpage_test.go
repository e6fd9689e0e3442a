package main

import (
	"bootlink/board"
	"os"
	"reflect"
	"strings"
	"testing"

	"bootlink/nlcore"
	"bootlink/rtcfg"
	"bootlink/rtcfg/caps"
)

// TestJSONPage: docs/json.md names each key that a command prints, in that command's part.
func TestJSONPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		title, rest, _ := strings.Cut(part, "\n")
		parts[title] = rest
	}
	for title, types := range map[string][]any{
		"check, apply": {resultJSON{}}, "plan": {planJSON{}}, "status": {rtcfg.Status{}}, "monitor": {noteJSON{}}, "probe, check --caps": {caps.Report{}},
		"ping": {pingJSON{}, nlcore.Pings{}}, "hello, bye": {packetJSON{}}, "board": {board.Board{}},
	} {
		for _, v := range types {
			named(t, title, parts[title], reflect.TypeOf(v))
		}
	}
}

// named looks for the keys of a type, and of those in it.
func named(t *testing.T, title, text string, typ reflect.Type) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice:
		named(t, title, text, typ.Elem())
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if key == "-" || f.Name == "_" {
				continue
			}
			if key == "" && !f.Anonymous {
				t.Errorf("%s: %s.%s has no key", title, typ, f.Name)
			}
			if key != "" && !strings.Contains(text, "`"+key+"`") {
				t.Errorf("%s: docs/json.md does not name `%s`", title, key)
			}
			named(t, title, text, f.Type)
		}
	}
}
