package rtcfg

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

// Load reads and checks a configuration file and those that it includes. What
// is wrong in them is told at once, as [conf.Faults].
func Load(file string) (*object.Desired, error) {
	text, err := sysfile.ReadMost(file, conf.MaxSize+1)
	if errors.Is(err, os.ErrNotExist) {
		return nil, conf.Faults{{Pos: conf.Pos{File: file}, What: "there is no such file", Hint: "write one, or name another with --config"}}
	}
	if err != nil {
		return nil, conf.Faults{{Pos: conf.Pos{File: file}, What: fmt.Sprint(errors.Unwrap(err)), Hint: "make it readable"}}
	}
	root, faults := conf.Parse(file, text)
	want, err := understand(root, append(faults, include(root)...), tableNames(tableFolders[:]...))
	if err != nil {
		return nil, err
	}
	want.Text = whole(root)
	want.Sum = sum(want.Text)
	return want, join(readKeys(want), readRouteFiles(want))
}

// whole gives a file with those that it includes as a text that may lie in another
// folder.
func whole(root *conf.Node) []byte {
	var all conf.Node
	for _, e := range root.Entries {
		if e.Key != "include" {
			all.Entries = append(all.Entries, e)
		}
	}
	return all.Append(nil, elsewhere)
}

// elsewhere gives the text of a string for a file in another folder: names of files
// are absolute.
func elsewhere(key string, n *conf.Node) string {
	isFile := key == "route_file.path" || strings.HasSuffix(key, ".wireguard.private-key") || strings.HasSuffix(key, ".wireguard.peers.preshared-key")
	if isFile {
		return conf.Beside(n.Pos.File, n.Text)
	}
	return n.Text
}

// sum tells configurations apart (FNV-1a, 64 bits).
func sum(text []byte) uint64 {
	n := uint64(14695981039346656037)
	for _, b := range text {
		n = (n ^ uint64(b)) * 1099511628211
	}
	return n
}

// join gives the faults of several errors as one.
func join(errs ...error) error {
	var all conf.Faults
	for _, err := range errs {
		faults, _ := err.(conf.Faults)
		all = append(all, faults...)
	}
	return all.Err()
}

// Parse is [Load] for text that is already there and includes nothing; file is
// the name that messages show, tables are names of routing tables that the file
// may use.
func Parse(file string, text []byte, tables ...object.Word) (*object.Desired, error) {
	root, faults := conf.Parse(file, text)
	if list := root.Get("include"); list != nil {
		faults.Add(list.Pos, "a text without a folder cannot include files", "put it into a file")
	}
	return understand(root, faults, tables)
}

// understand gives what a tree asks for, or the faults of the text that it is of.
func understand(root *conf.Node, faults conf.Faults, tables []object.Word) (*object.Desired, error) {
	if err := faults.Err(); err != nil {
		return nil, err
	}
	want, faults := object.Read(root.Pos.File, root, tables...)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return want, nil
}
