package object

var _ = kind(Kind{Name: "dummy", Kconfig: "CONFIG_DUMMY", Module: "dummy"})
