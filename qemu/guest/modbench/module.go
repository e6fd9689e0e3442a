package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const moduleName = "hellobye"

// unloadTime bounds what takes a moment.
const unloadTime = 10 * time.Second

// prepareModule has the module loaded or not, as the case wants it.
func (o *options) prepareModule() error {
	_, err := os.Stat("/sys/module/" + moduleName)
	loaded := err == nil
	if loaded == o.module {
		return nil
	}
	if loaded {
		return unload()
	}
	return load()
}

// load lets in as many clients as any case may have.
func load() error {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	f, err := os.Open(filepath.Join("/lib/modules", unix.ByteSliceToString(u.Release[:]), "extra", moduleName+".ko"))
	if err != nil {
		return err
	}
	defer f.Close()
	err = unix.FinitModule(int(f.Fd()), "max_clients=1024", 0)
	if err != nil {
		return fmt.Errorf("load %s: %w", moduleName, err)
	}
	return nil
}

// unload waits for references that go a moment after their socket.
func unload() error {
	for end := time.Now().Add(unloadTime); ; time.Sleep(time.Millisecond) {
		err := unix.DeleteModule(moduleName, unix.O_NONBLOCK)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EBUSY), time.Now().After(end):
			return fmt.Errorf("unload %s: %w", moduleName, err)
		}
	}
}
