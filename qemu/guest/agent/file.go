package main

import (
	"os"
	"path/filepath"

	"bootlink/qemu/guest/wire"
)

// writeFile writes a file beside the old one and puts it in its place.
func writeFile(req wire.Request) wire.Response {
	if err := replace(req.File, req.Data, os.FileMode(req.Mode)); err != nil {
		return wire.Response{Fail: err.Error()}
	}
	return wire.Response{}
}

func replace(path string, data []byte, mode os.FileMode) error {
	if mode == 0 {
		mode = 0o644
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, data, 0o600); err != nil {
		return err
	}
	if err := os.Chmod(temp, mode); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
