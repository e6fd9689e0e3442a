package state

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

const (
	fileName = "state.toml"
	version  = "1"
)

// Load reads the state file of a folder. A folder without one is one where
// nothing was done yet; so is one whose file is of another namespace, which had
// the same name. netns is the namespace's cookie (SO_NETNS_COOKIE), 0 if it is
// not known.
func Load(dir string, netns uint64) (*object.Owned, error) {
	file := sysfile.Join(dir, fileName)
	text, err := sysfile.Read(file)
	if errors.Is(err, os.ErrNotExist) {
		return object.NewOwned(), nil
	}
	if err != nil {
		return nil, err
	}
	return Parse(file, string(text), netns)
}

// Text gives the state file of a folder as it is, "" where there is none.
func Text(dir string) (string, error) {
	text, err := sysfile.Read(sysfile.Join(dir, fileName))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

// Parse reads the text of a state file; file is for messages.
func Parse(file, text string, netns uint64) (*object.Owned, error) {
	root, faults := conf.Parse(file, []byte(text))
	if err := faults.Err(); err != nil {
		return nil, damaged(file, err)
	}
	if v := word(root, "version"); v != version {
		return nil, fmt.Errorf("state file %s has version %q, this bootlink knows %s: move it away", file, v, version)
	}
	o := object.NewOwned()
	if known := number(word(root, "netns")); known != 0 && netns != 0 && known != netns {
		return o, nil
	}
	err := each(root, "made", func(id object.ID, n *conf.Node) { o.Made[id] = uint32(number(word(n, "index"))) })
	if err == nil {
		err = each(root, "before", func(id object.ID, n *conf.Node) { o.Before[id] = values(n.Get("values")) })
	}
	if err != nil {
		return nil, damaged(file, err)
	}
	return o, nil
}

// damaged is not the fault of the file that a person writes, so it is none.
func damaged(path string, err error) error {
	return fmt.Errorf("state file %s is damaged: %v: move it away; what was made before stays as it is", path, err)
}

// each calls f with the objects of a list.
func each(root *conf.Node, list string, f func(object.ID, *conf.Node)) error {
	n := root.Get(list)
	if n == nil {
		return nil
	}
	for _, item := range n.Items {
		var id object.ID
		if err := id.Class.UnmarshalText([]byte(word(item, "class"))); err != nil {
			return err
		}
		id.Name = word(item, "name")
		f(id, item)
	}
	return nil
}

// word gives the text of a key, "" where there is none.
func word(n *conf.Node, key string) string {
	if n == nil {
		return ""
	}
	if v := n.Get(key); v != nil {
		return v.Text
	}
	return ""
}

func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}

func values(n *conf.Node) object.Values {
	v := object.NewValues()
	if n != nil {
		for _, e := range n.Entries {
			v.Set(e.Key, e.Value.Text)
		}
	}
	return v
}

// Save writes the state file: whole or not at all, and synced.
func Save(dir string, netns uint64, o *object.Owned) error {
	var b strings.Builder
	b.WriteString("version = " + version + "\nnetns = \"" + strconv.FormatUint(netns, 10) + "\"\n")
	for _, id := range object.SortedIDs(o.Made) {
		writeID(&b, "made", id)
		b.WriteString("index = " + strconv.FormatUint(uint64(o.Made[id]), 10) + "\n")
	}
	for _, id := range object.SortedIDs(o.Before) {
		writeID(&b, "before", id)
		b.WriteString("[before.values]\n")
		for _, key := range o.Before[id].Keys() {
			b.WriteString(quote(key) + " = " + quote(o.Before[id].Get(key)) + "\n")
		}
	}
	if err := sysfile.MakeFolder(dir); err != nil {
		return err
	}
	return sysfile.Replace(sysfile.Join(dir, fileName), []byte(b.String()))
}

func writeID(b *strings.Builder, list string, id object.ID) {
	b.WriteString("\n[[" + list + "]]\nclass = " + quote(string(id.Class)) + "\nname = " + quote(id.Name) + "\n")
}

func quote(text string) string { return string(conf.AppendString(nil, text)) }
