package rtcfg

import (
	"errors"
	"slices"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"

	"golang.org/x/sys/unix"
)

// maxFiles bounds how many files a configuration includes.
const maxFiles = 256

// An includer adds files to the tree of the one that names them.
type includer struct {
	tree   *conf.Node
	read   []string // the names of the files that there were, the including one first
	faults conf.Faults
}

// include reads the files that include = ["conf.d/*.toml"] names in the tree of
// a file, and merges them into it. The names are relative to the file's folder,
// their last part is a pattern of [conf.Glob], and what one pattern means comes
// in the order of names. Included files do not include others; their version,
// if they say one, is the file's.
func include(tree *conf.Node) conf.Faults {
	list := tree.Get("include")
	if list == nil {
		return nil
	}
	in := &includer{tree: tree, read: []string{conf.Beside("", tree.Pos.File)}}
	if list.Kind != conf.Array {
		in.faults.Add(list.Pos, "this is no list of files", `write include = ["conf.d/*.toml"]`)
	}
	for _, n := range list.Items {
		in.pattern(n)
	}
	return in.faults
}

// pattern adds the files that an item of the list names.
func (in *includer) pattern(n *conf.Node) {
	end := strings.LastIndexByte(n.Text, '/') + 1
	folder, last := n.Text[:end], n.Text[end:]
	if _, err := conf.Glob(last, ""); err != nil || n.Kind != conf.String || isPattern(folder) {
		in.faults.Add(n.Pos, "this names no file", `write a name or a pattern, like "conf.d/*.toml": * ? [a-z] have a meaning, in the last part`)
		return
	}
	folder = conf.Beside(in.read[0], folder)
	files, err := []string{conf.Beside(in.read[0], n.Text)}, error(nil)
	if isPattern(last) {
		files, err = matching(folder, last)
	}
	if err != nil && !errors.Is(err, unix.ENOENT) {
		in.refuse(n, err)
	}
	for _, name := range files {
		name = conf.Beside("", name)
		if !slices.Contains(in.read[1:], name) && len(in.read) < maxFiles+2 {
			in.file(n, name)
			in.read = order.Also(in.read, name)
		}
	}
}

func isPattern(name string) bool { return strings.ContainsAny(name, `*?[\`) }

// refuse notes that a file or a folder cannot be read.
func (in *includer) refuse(n *conf.Node, err error) {
	in.faults.Add(n.Pos, err.Error(), "what is named must be there and readable; only a pattern may mean nothing")
}

// file reads one file and merges it.
func (in *includer) file(n *conf.Node, name string) {
	switch {
	case sysfile.Exists(name) && !sysfile.IsRegular(name):
		in.faults.Add(n.Pos, name+" is no ordinary file", `name the files of a folder with a pattern, like "conf.d/*.toml"`)
		return
	case name == in.read[0]:
		in.faults.Add(n.Pos, "this file would include itself", `keep what is included in a folder of its own, like "conf.d/*.toml"`)
		return
	case len(in.read) > maxFiles:
		in.faults.Add(n.Pos, "these are more than 256 files", "put several into one")
		return
	}
	text, err := sysfile.ReadMost(name, conf.MaxSize+1)
	if err != nil {
		in.refuse(n, err)
		return
	}
	in.merge(n, name, text)
}

func (in *includer) merge(n *conf.Node, name string, text []byte) {
	tree, faults := conf.Parse(name, text)
	in.faults = append(in.faults, faults...)
	for i := range tree.Entries {
		e := &tree.Entries[i]
		switch own := in.tree.Get(e.Key); {
		case e.Key == "include":
			in.faults.Add(e.Pos, "an included file cannot include others", "name them at "+n.Pos.String())
		case e.Key == "version" && (own == nil || own.Text == e.Value.Text):
		default:
			in.tree.Merge(e, "", &in.faults)
		}
	}
}
