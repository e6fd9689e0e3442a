package object

import "golang.org/x/sys/unix"

// Observe reads a notification of rtnetlink, whoever made what it tells of, and says
// whether that is gone. It gives nil for types that nothing here knows.
func Observe(typ uint16, body []byte, names Names) (o *Object, deleted bool, err error) {
	if typ == unix.RTM_NEWLINK || typ == unix.RTM_DELLINK {
		o, err = DecodeLink(body, names)
		return o, typ == unix.RTM_DELLINK, err
	}
	for _, s := range append(Specs(), &routeSpec, &addressSpec) {
		if s.Family == "" && s.Many == nil && (s.New == typ || s.Del == typ) {
			all := *s
			all.Hide = nil
			o, err = all.decode(body, names, 0)
			return o, s.Del == typ, err
		}
	}
	return nil, false, nil
}

// Words gives what the identity of an observed object does not say.
func (o *Object) Words() string {
	v := o.Values
	if o.Class != Link {
		return o.spec().Words(v)
	}
	text := " down"
	if v.Get("up") == "true" {
		text = " up"
	}
	if v.Get("carrier") == "false" {
		text += " no-carrier"
	}
	for _, key := range [...]string{"kind", "master", "mtu", "address"} {
		if v.Get(key) != "" {
			text += " " + key + " " + v.Get(key)
		}
	}
	return text
}
