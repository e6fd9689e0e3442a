// Package schema tests the JSON Schema that `bootlink schema` prints with a
// validator of its own, which must not be in the binary's module.
package schema
