package object

import (
	"math"
	"slices"
	"strconv"

	"bootlink/rtcfg/order"
)

// Schema gives the JSON Schema (2020-12) of router.toml, as TOML looks in JSON:
// for editors, and for those who generate the file. It knows types, words and
// ranges; what `bootlink check` finds besides is not to be said in a schema.
func Schema() map[string]any {
	root := layout()
	schema := root.table(root.rows)
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "router.toml, the configuration of bootlink"
	schema["required"] = []string{"version"}
	return schema
}

// schema is what stands at the section's key.
func (s *section) schema() map[string]any {
	table := s.tables()
	if !s.list {
		return table
	}
	items := table
	if s.instead != 0 {
		items = anyOf(append(s.instead.schemas(nil), table)...)
	}
	list := map[string]any{"type": "array", "items": items}
	if s.one {
		list = anyOf(table, list)
	}
	if s.doc != "" {
		list["description"] = s.doc
	}
	return list
}

// tables is one table, or one for each kind.
func (s *section) tables() map[string]any {
	if s.kinds == nil {
		return s.table(s.rows)
	}
	var each []map[string]any
	for _, name := range order.Keys(s.kinds) {
		one := s.table(append(s.rows[:len(s.rows):len(s.rows)], s.kinds[name].Rows...))
		one["properties"].(map[string]any)["kind"] = map[string]any{"const": name}
		each = append(each, one)
	}
	return anyOf(each...)
}

func (s *section) table(rows rowTable) map[string]any {
	properties, needed := map[string]any{}, []string{}
	others := any(false)
	for i := range rows {
		r := &rows[i]
		if _, twice := properties[r.Key]; r.Hidden || twice {
			continue // twice: the kernel tells it in another attribute
		}
		properties[r.Key] = r.schema()
		if r.rare().Need != "" {
			needed = order.Also(needed, r.Key)
		}
	}
	for i := range s.below {
		if below := &s.below[i]; below.key == "*" {
			others = below.schema()
		} else {
			properties[below.key] = below.schema()
		}
	}
	if s.free != nil {
		others = s.free.schema()
		if s.key == "sysctl" { // the dots of a name without quotes are tables in TOML
			others = anyOf(s.free.schema(), map[string]any{"type": "object"})
		}
	}
	table := map[string]any{"type": "object", "description": s.doc, "properties": properties, "additionalProperties": others}
	if len(needed) > 0 {
		table["required"] = needed
	}
	return table
}

// schema says what a row's value may be.
func (r *Row) schema() map[string]any {
	var v map[string]any
	if each := r.Form.takes.schemas(r); r.Form.takes&lists != 0 {
		v = map[string]any{"type": "array", "items": anyOf(each...)}
	} else {
		v = anyOf(each...)
	}
	v["description"] = r.describe()
	if r.Form == Integer || r.Form == Boolean || r.Form == Unset || r.Form == Enum {
		r.schemaDefault(v)
	}
	return v
}

func (r *Row) schemaDefault(v map[string]any) {
	if n, err := strconv.ParseUint(r.Default, 10, 64); err == nil {
		v["default"] = n
	} else if r.Form.takes == bools && r.Default != "" {
		v["default"] = r.Default == "true"
	} else if r.Default != "" {
		v["default"] = r.Default
	}
}

// worded tells that only words of the row's are allowed.
func (r *Row) worded() bool { return r.Form.Name == Enum.Name || r.Form == wordSet }

// describe is the row's line, with its unit.
func (r *Row) describe() string {
	if r.Unit == "" {
		return r.Doc
	}
	return r.Doc + ", in " + r.Unit
}

// schemas gives one for each type that a value, or an item of a list, may have.
// r may be nil.
func (t shape) schemas(r *Row) []map[string]any {
	var each []map[string]any
	ranged := [...]*Form{Integer, Hex, Code, lifetime, delay}
	items := map[*Form]rowTable{waysForm: wayRows, hopGroup: hopRows}
	for _, of := range [...]struct {
		shape shape
		name  string
	}{{ints, "integer"}, {numbers, "number"}, {texts, "string"}, {bools, "boolean"}, {tables, "object"}} {
		if t&of.shape == 0 {
			continue
		}
		v := map[string]any{"type": of.name}
		switch {
		case r == nil:
		case of.shape == ints && slices.Contains(ranged[:], r.Form):
			v["minimum"], v["maximum"] = r.Min, min(r.max(), math.MaxInt64)
		case of.shape == ints && r.Form == Table:
			v["minimum"] = 1
		case of.shape == texts && r.worded():
			v["enum"] = wordNames(r.Enum)
		case of.shape == tables && items[r.Form] != nil:
			v = (&section{rows: items[r.Form]}).table(items[r.Form])
		case of.shape == texts && r.Form == String && r.Max > 0:
			v["maxLength"] = r.Max
		}
		each = append(each, v)
	}
	return each
}

// anyOf gives the only one as it is.
func anyOf(each ...map[string]any) map[string]any {
	if len(each) == 1 {
		return each[0]
	}
	return map[string]any{"anyOf": each}
}
