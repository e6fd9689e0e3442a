package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"bootlink/rtcfg/order"
)

// appendJSON writes what our commands print: structs with the tags of
// encoding/json, maps by string, lists, texts, numbers. That package does the
// same and more, and takes 150 KB of the binary. newline begins each line that
// is not the first, and grows with the depth; "" puts all on one line.
func appendJSON(b []byte, v reflect.Value, newline string) []byte {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return appendJSON(b, v.Elem(), newline)
	case reflect.Slice, reflect.Array:
		return appendList(b, v, newline)
	case reflect.Map, reflect.Struct:
		return appendTable(b, members(v), newline)
	}
	panic(fmt.Sprintf("no JSON for %s", v.Type())) // of our own making
}

func appendList(b []byte, v reflect.Value, newline string) []byte {
	inner := deeper(newline)
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(append(b, inner...), v.Index(i), inner)
	}
	if v.Len() > 0 {
		b = append(b, newline...)
	}
	return append(b, ']')
}

// A member is a name and its value.
type member struct {
	name  string
	value reflect.Value
}

// members gives the fields of a struct in their order, the entries of a map by
// name.
func members(v reflect.Value) []member {
	var list []member
	if v.Kind() == reflect.Map {
		for it := v.MapRange(); it.Next(); {
			list = append(list, member{it.Key().String(), it.Value()})
		}
		order.By(list, func(a, b *member) bool { return a.name < b.name })
		return list
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, option, _ := strings.Cut(tag(string(field.Tag)), ",")
		switch {
		case field.Anonymous:
			list = append(list, members(v.Field(i))...)
		case field.Name == "_" || name == "-" || option == "omitempty" && isZero(v.Field(i)):
		case name == "":
			list = append(list, member{field.Name, v.Field(i)})
		default:
			list = append(list, member{name, v.Field(i)})
		}
	}
	return list
}

// tag gives what a field's tag says of JSON. Ours have nothing to unquote.
func tag(tags string) string {
	_, after, _ := strings.Cut(tags, `json:"`)
	text, _, _ := strings.Cut(after, `"`)
	return text
}

// isZero tells the values that omitempty leaves out. There are no structs among
// them.
func isZero(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool:
		return !v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int() == 0
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint() == 0
	case reflect.Pointer, reflect.Interface:
		return v.IsNil()
	}
	return v.Len() == 0
}

func appendTable(b []byte, list []member, newline string) []byte {
	inner := deeper(newline)
	b = append(b, '{')
	for i, m := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, inner...), m.name)
		b = append(b, ':')
		if newline != "" {
			b = append(b, ' ')
		}
		b = appendJSON(b, m.value, inner)
	}
	if len(list) > 0 {
		b = append(b, newline...)
	}
	return append(b, '}')
}

func deeper(newline string) string {
	if newline == "" {
		return ""
	}
	return newline + "  "
}

// appendText writes a string; what is not UTF-8 becomes U+FFFD.
func appendText(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, fmt.Sprintf("\\u%04x", r)...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
