package rtcfg

import (
	"errors"
	"fmt"
	"os"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"

	"golang.org/x/sys/unix"
)

// keyLimit bounds what is read of a file that should hold a key of 44 characters.
const keyLimit = 256

// readKeys puts in place of names of files the keys that are in them. A file
// that is not there is no fault of the configuration yet, which may be checked
// on another machine than the one that has its secrets: see [object.Desired.Absent].
func readKeys(want *object.Desired) error {
	var faults conf.Faults
	want.Secrets(func(o *object.Object, key string) {
		pos, name := o.Place(key), o.Values.Get(key)
		text, err := readKey(name)
		switch {
		case errors.Is(err, os.ErrNotExist):
			want.Absent.Add(pos, name+": there is no such file", "write the key into it, with mode 0600")
		case err != nil:
			faults = append(faults, keyFault(pos, name, err))
		}
		o.Values.Set(key, text)
	})
	return faults.Err()
}

// keyFault tells what is wrong with a key's file, at the place that names it.
func keyFault(pos conf.Pos, name string, err error) conf.Fault {
	var fault conf.Fault
	if errors.As(err, &fault) {
		fault.Pos, fault.What = pos, name+fault.What
		return fault
	}
	return conf.Fault{Pos: pos, What: fmt.Sprint(name, ": ", errors.Unwrap(err)), Hint: "name a file that can be read"}
}

func readKey(name string) (string, error) {
	text, mode, err := sysfile.ReadWithMode(name, keyLimit)
	switch {
	case err != nil:
		return "", err
	case mode&unix.S_IFMT != unix.S_IFREG:
		return "", conf.Fault{What: " is not a file", Hint: "name a file that holds a key"}
	case mode&0o007 != 0:
		return "", conf.Fault{What: " can be read, or written, by everybody", Hint: "chmod 0600 " + name}
	case len(text) == 0:
		return "", conf.Fault{What: " is empty", Hint: "write a key into it: wg genkey"}
	}
	key, err := object.Key(string(text))
	if err != nil {
		return "", conf.Fault{What: " holds no key", Hint: "write one into it, 44 characters in base64: wg genkey"}
	}
	return key, nil
}
