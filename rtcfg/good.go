package rtcfg

import (
	"fmt"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/object"
)

// The configurations that were in force last, in the folder for what outlives the
// boot.
const (
	lastGood   = "last-good.toml"
	goodBefore = "good-before.toml" // what last-good.toml was
)

// good notes that a configuration is in force, and stays: it is kept for the next
// boot, as is what was before it, for a rollback.
func (o Options) good(want *object.Desired) error {
	err := o.pardon(want.Sum)
	if err == nil && o.StateDir != "" && want.Sum != 0 {
		err = o.remember(want)
	}
	if err != nil {
		err = fmt.Errorf("the configuration cannot be kept for the next boot: %w", err)
	}
	return err
}

func (o Options) remember(want *object.Desired) error {
	file := sysfile.Join(o.StateDir, lastGood)
	old, err := sysfile.Read(file)
	if err == nil && string(old) == string(want.Text) {
		return nil // flash memory wears out
	}
	had := err == nil
	err = sysfile.MakeFolder(o.StateDir)
	if err == nil && had {
		err = sysfile.Replace(sysfile.Join(o.StateDir, goodBefore), old)
	}
	if err == nil {
		err = sysfile.Replace(file, want.Text)
	}
	return err
}
