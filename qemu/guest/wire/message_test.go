package wire

import (
	"bytes"
	"encoding/json"
	"testing"
)

// The left column is what stands in the port's log; a test that is not written
// in Go may rely on it.
func TestMessages(t *testing.T) {
	for _, c := range []struct {
		json string
		msg  any
		into any
	}{
		{`{"hello":"booted","code":0}`, Response{Hello: Booted}, &Response{}},
		{`{"id":1,"argv":["ip","link"],"in":"x\n","timeout":1.5}`,
			Request{ID: 1, Argv: []string{"ip", "link"}, In: Text("x\n"), Timeout: 1.5}, &Request{}},
		{`{"id":2,"file":"/t/f","data":"AP8=","mode":493}`,
			Request{ID: 2, File: "/t/f", Data: []byte{0, 255}, Mode: 0o755}, &Request{}},
		{`{"id":3,"start":["bootlink","run"]}`, Request{ID: 3, Start: []string{"bootlink", "run"}}, &Request{}},
		{`{"id":4,"kill":77,"signal":9}`, Request{ID: 4, Kill: 77, Signal: 9}, &Request{}},
		{`{"id":5,"output":77,"wait":true}`, Request{ID: 5, Output: 77, Wait: true}, &Request{}},
		{`{"id":1,"code":2,"out":"a","err":"b"}`, Response{ID: 1, Code: 2, Out: Text("a"), Err: Text("b")}, &Response{}},
		{`{"id":1,"code":0,"out":{"base64":"/wA="}}`, Response{ID: 1, Out: Text{255, 0}}, &Response{}},
	} {
		got, err := json.Marshal(c.msg)
		if err != nil || string(got) != c.json {
			t.Errorf("marshal: %s, %v; want %s", got, err, c.json)
		}
		if err := json.Unmarshal([]byte(c.json), c.into); err != nil {
			t.Errorf("unmarshal %s: %v", c.json, err)
			continue
		}
		back, err := json.Marshal(c.into)
		if err != nil || !bytes.Equal(back, got) {
			t.Errorf("round trip of %s: %s, %v", c.json, back, err)
		}
	}
}

func TestTextRefusesOtherTypes(t *testing.T) {
	for _, s := range []string{`7`, `["a"]`, `{"base64":"%"}`} {
		var text Text
		if err := json.Unmarshal([]byte(s), &text); err == nil {
			t.Errorf("%s: taken as %q", s, text)
		}
	}
}
