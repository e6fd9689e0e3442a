package rtcfg

import (
	"errors"
	"fmt"
	"os"

	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/object"
)

// Load reads and checks a configuration file. A file with faults gives all of
// them at once, as [conf.Faults].
func Load(path string) (*object.Desired, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, conf.Faults{{Pos: conf.Pos{File: path}, What: "there is no such file", Hint: "write one, or name another with --config"}}
	}
	if err != nil {
		return nil, conf.Faults{{Pos: conf.Pos{File: path}, What: fmt.Sprint(errors.Unwrap(err)), Hint: "make it readable"}}
	}
	want, err := Parse(path, text, tableNames(tableFolders[:]...)...)
	if err != nil {
		return nil, err
	}
	return want, readRouteFiles(want)
}

// Parse is [Load] for text that is already there; file is the name that
// messages show, tables are names of routing tables that the file may use.
func Parse(file string, text []byte, tables ...object.Word) (*object.Desired, error) {
	root, faults := conf.Parse(file, text)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	want, faults := object.Read(file, root, tables...)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return want, nil
}
