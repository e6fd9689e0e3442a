package state

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"bootlink/rtcfg/object"
)

const (
	fileName = "state.json"
	version  = 1
)

// file is what stands in the state file.
type file struct {
	Version int      `json:"version"`
	Made    []made   `json:"made"`
	Before  []before `json:"before"`
}

type made struct {
	object.ID
	Index uint32 `json:"index,omitempty"`
}

type before struct {
	object.ID
	Values object.Values `json:"values"`
}

// Load reads the state file of a folder. A folder without one is one where
// nothing was done yet.
func Load(dir string) (*object.Owned, error) {
	path := filepath.Join(dir, fileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return object.NewOwned(), nil
	}
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("state file %s is damaged: %w: move it away; what was made before stays as it is", path, err)
	}
	if f.Version != version {
		return nil, fmt.Errorf("state file %s has version %d, this bootlink knows %d: move it away", path, f.Version, version)
	}
	o := object.NewOwned()
	for _, m := range f.Made {
		o.Made[m.ID] = m.Index
	}
	for _, b := range f.Before {
		o.Before[b.ID] = b.Values
	}
	return o, nil
}

// Save writes the state file: whole or not at all, and synced.
func Save(dir string, o *object.Owned) error {
	f := file{Version: version}
	for id, index := range o.Made {
		f.Made = append(f.Made, made{id, index})
	}
	for id, values := range o.Before {
		f.Before = append(f.Before, before{id, values})
	}
	f.sort()
	text, err := json.MarshalIndent(f, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return replace(filepath.Join(dir, fileName), append(text, '\n'))
}

// replace writes a file beside path and moves it there.
func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// sort makes two files of one state equal byte for byte.
func (f *file) sort() {
	slices.SortFunc(f.Made, func(a, b made) int { return compare(a.ID, b.ID) })
	slices.SortFunc(f.Before, func(a, b before) int { return compare(a.ID, b.ID) })
}

func compare(a, b object.ID) int {
	return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Name, b.Name))
}
