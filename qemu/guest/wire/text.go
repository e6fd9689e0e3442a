package wire

import (
	"encoding/json"
	"unicode/utf8"
)

// Text is bytes that are usually UTF-8. They are a string in JSON if they are,
// and {"base64":"..."} if they are not, so that nothing gets lost.
type Text []byte

// String returns the bytes as they are.
func (t Text) String() string { return string(t) }

type binary struct {
	Base64 []byte `json:"base64"`
}

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) {
	if utf8.Valid(t) {
		return json.Marshal(string(t))
	}
	return json.Marshal(binary{Base64: t})
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var b binary
		err := json.Unmarshal(data, &b)
		*t = b.Base64
		return err
	}
	var s string
	err := json.Unmarshal(data, &s)
	*t = Text(s)
	return err
}
