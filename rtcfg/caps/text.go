package caps

import (
	"fmt"
	"io"
	"strings"
)

// Text prints the features: a line for each group with those that are there, and one for
// each that is not.
func (r *Report) Text(w io.Writer) {
	fmt.Fprintf(w, "\nLinux %s on %s\n", r.Release, r.Machine)
	for _, g := range [...]*group{&kindGroup, &qdiscGroup, &familyGroup, &otherGroup} {
		there, absent := "", ""
		for i := range r.Features {
			s := &r.Features[i]
			of := s.group
			if of == nil {
				of = &otherGroup
			}
			name := strings.TrimPrefix(s.Name, g.prefix)
			switch {
			case of != g:
			case s.State == Present || s.State == Loaded || s.State == BuiltIn:
				there += ", " + name
			case !g.quiet || s.State == NotLoaded:
				mend := s.Module // which the kernel loads by itself
				if s.State != NotLoaded {
					mend = s.Mend()
				}
				absent += fmt.Sprintf("  %-22s %-21s  %s\n", name, s.State, mend)
			}
		}
		fmt.Fprintf(w, "%s: %s\n%s", g.title, strings.TrimPrefix(there, ", "), absent)
	}
}
