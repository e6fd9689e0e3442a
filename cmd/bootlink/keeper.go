package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"bootlink/nlcore/until"
	"bootlink/rtcfg"

	"golang.org/x/sys/unix"
)

// startKeeper starts `bootlink keep` in a session of its own, so that neither the
// end of this process nor that of its shell or terminal ends it.
func (in *invocation) startKeeper() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	fd := null.Fd()
	o := in.options()
	args := []string{"bootlink", "keep", "--netns", o.NetNS, "--run-dir", o.RunDir, "--state-dir", o.StateDir, strconv.Itoa(os.Getpid())}
	_, err = syscall.ForkExec("/proc/self/exe", args, &syscall.ProcAttr{Dir: "/", Files: []uintptr{fd, fd, fd}, Sys: &syscall.SysProcAttr{Setsid: true}})
	if err != nil {
		return fmt.Errorf("nobody can be started to undo the change, so it is not made: %w", err)
	}
	return nil
}

// keep is the keeper, whose word is the process that applies: another one's child it
// becomes when that ends. It has nobody to tell anything but the kernel's log.
func keep(ctx until.Context, in *invocation) error {
	parent, err := strconv.Atoi(in.word(0))
	if err != nil {
		return usagef("bootlink keep is what bootlink apply --confirm starts")
	}
	r, err := rtcfg.Keep(ctx, in.options(), func() bool { return unix.Getppid() == parent })
	if r != nil && err == nil {
		err = errors.New(r.String())
	}
	if err != nil {
		kernelLog(rtcfg.Warning, "bootlink: "+err.Error())
	}
	return err
}
