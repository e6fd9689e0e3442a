package rtcfg

import (
	"fmt"
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"
)

// refusedFile names the configuration that is not taken without a confirm, in the
// folder for what outlives the boot: who is cut off switches the router off and on.
const refusedFile = "refused"

// unconfirmed is why a configuration is refused while its change waits.
const unconfirmed = "nobody has confirmed it"

// RefusedError: the configuration was undone, or not confirmed, and would be brought
// in force again without somebody who looks whether it works.
type RefusedError struct{ File, Why string }

// Error says how it may be tried again.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s is not taken: %s: change it, or try it again with bootlink apply --confirm 60s, or take it for good with --confirm 0s", e.File, e.Why)
}

// A refusal is what stands in the file: the configuration's sum, and why. None has
// sum 0.
type refusal struct {
	sum uint64
	why string
}

func (o Options) refusedFile() string {
	if o.StateDir == "" {
		return sysfile.Join(o.runDir(), refusedFile)
	}
	return sysfile.Join(o.StateDir, refusedFile)
}

// refused reads the refusal that was noted last.
func (o Options) refused() (r refusal) {
	text, _ := sysfile.Read(o.refusedFile())
	word, why, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	if sum, err := strconv.ParseUint(word, 16, 64); err == nil {
		r = refusal{sum, why}
	}
	return r
}

// refuse notes a refusal in place of the one before.
func (o Options) refuse(r refusal) error {
	file := o.refusedFile()
	if r.sum == 0 {
		return sysfile.Remove(file)
	}
	err := sysfile.MakeFolder(file[:strings.LastIndexByte(file, '/')])
	if err == nil {
		err = sysfile.Replace(file, []byte(strconv.FormatUint(r.sum, 16)+" "+r.why+"\n"))
	}
	if err != nil {
		err = fmt.Errorf("it is not noted that a boot must not take it: %w", err)
	}
	return err
}

// pardon forgets that a configuration was refused.
func (o Options) pardon(sum uint64) error {
	if o.refused().sum != sum {
		return nil
	}
	return o.refuse(refusal{})
}

// taken tells whether a configuration may be brought in force without a confirm.
func (m *Manager) taken() error {
	if r := m.refused(); r.sum == m.want.Sum && r.sum != 0 {
		return &RefusedError{m.want.File, r.why}
	}
	return nil
}
