package object

// The registries of kinds and classes, filled by the package variables of their
// files. They stand in the last file, so that they are made after all tables:
// from the first call of a function on, which may have changed them, the
// compiler would fill tables by code instead of laying them out as data. For
// the same reason no form may be the result of a call.
// (go build -gcflags=bootlink/rtcfg/object=-d=staticcopy=1 shows what is code.)
var (
	kinds = map[string]*Kind{}
	specs = map[Class]*Spec{}
)
