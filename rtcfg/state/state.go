package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bootlink/rtcfg/object"
)

const (
	fileName = "state.json"
	version  = 1
)

// file is what stands in the state file.
type file struct {
	Version int      `json:"version"`
	NetNS   uint64   `json:"netns,omitempty"`
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
// nothing was done yet; so is one whose file is of another namespace, which had
// the same name. netns is the namespace's cookie (SO_NETNS_COOKIE), 0 if it is
// not known.
func Load(dir string, netns uint64) (*object.Owned, error) {
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
	if f.NetNS != 0 && netns != 0 && f.NetNS != netns {
		return o, nil
	}
	for _, m := range f.Made {
		o.Made[m.ID] = m.Index
	}
	for _, b := range f.Before {
		o.Before[b.ID] = b.Values
	}
	return o, nil
}

// Save writes the state file: whole or not at all, and synced.
func Save(dir string, netns uint64, o *object.Owned) error {
	f := file{Version: version, NetNS: netns, Made: []made{}, Before: []before{}}
	for _, id := range object.SortedIDs(o.Made) {
		f.Made = append(f.Made, made{id, o.Made[id]})
	}
	for _, id := range object.SortedIDs(o.Before) {
		f.Before = append(f.Before, before{id, o.Before[id]})
	}
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
