package object

var dummyKind = Kind{Name: "dummy", Kconfig: "CONFIG_DUMMY", Module: "dummy"}

var _ = kind(&dummyKind)
