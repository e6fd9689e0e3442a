package object

import "testing"

// A reader counts the rows of a table in a byte.
func TestRowsAreFew(t *testing.T) {
	tables := []rowTable{linkRows, wayAttrs}
	for _, k := range Kinds() {
		tables = append(tables, k.Rows, k.Port)
	}
	for _, s := range append(Specs(), &routeSpec, &addressSpec) {
		tables = append(tables, s.Rows)
		for _, k := range s.Kinds {
			tables = append(tables, k.Rows)
		}
	}
	for _, rows := range tables {
		if len(rows) > 254 {
			t.Errorf("%d rows, from %q on", len(rows), rows[0].Key)
		}
	}
}
