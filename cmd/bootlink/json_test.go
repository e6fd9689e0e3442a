package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"bootlink/rtcfg"
	"bootlink/rtcfg/object"
)

// TestAppendJSON compares our JSON with that of the standard library.
func TestAppendJSON(t *testing.T) {
	type inner struct {
		Name string `json:"name"`
		None string `json:"none,omitempty"`
	}
	type outer struct {
		inner
		Plain  int
		Hidden string            `json:"-"`
		Text   string            `json:"text,omitempty"`
		No     bool              `json:"no,omitempty"`
		Yes    bool              `json:"yes,omitempty"`
		Zero   int16             `json:"zero,omitempty"`
		Minus  int64             `json:"minus,omitempty"`
		Big    uint64            `json:"big,omitempty"`
		Small  uint8             `json:"small,omitempty"`
		Nil    *inner            `json:"nil,omitempty"`
		There  *inner            `json:"there,omitempty"`
		Any    any               `json:"any"`
		List   []inner           `json:"list"`
		Empty  []string          `json:"empty,omitempty"`
		Map    map[string]string `json:"map"`
		Other  map[string]any    `json:"other,omitempty"`
	}
	for _, v := range []any{
		outer{inner: inner{Name: "a\"\\\n\x01é\xff"}, Minus: -1 << 63, Big: 1<<64 - 1, Yes: true, There: &inner{Name: "t"},
			List: []inner{{Name: "x"}, {None: "y"}}, Map: map[string]string{"b": "2", "a": "1", "c": ""}},
		outer{Any: map[string]any{"z": []int{1, 2}, "a": inner{}}, Empty: []string{}, Other: map[string]any{}, List: []inner{}, Map: map[string]string{}},
		rtcfg.LinkStatus{Name: "lan1", Present: true, Addresses: []string{}}, rtcfg.LinkStatus{MTU: "1500", Lower: "eth0", Addresses: []string{"::1/128"}},
		object.Schema(), "text", []string{},
	} {
		theirs, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		ours := appendJSON(nil, reflect.ValueOf(v), "\n")
		if got, want := decoded(t, ours), decoded(t, theirs); !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%s\nwant\n%s", ours, theirs)
		}
		var layout bytes.Buffer
		if err := json.Indent(&layout, ours, "", "  "); err != nil || layout.String() != string(ours) {
			t.Errorf("got\n%s\nwant it laid out as\n%s", ours, layout.Bytes())
		}
	}
}

func decoded(t *testing.T, text []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}
