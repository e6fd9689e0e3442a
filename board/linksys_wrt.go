//go:build board_all || board_linksys_wrt

package board

import _ "embed"

var (
	//go:embed linksys-wrt/board.toml
	linksysWrtBoard string
	//go:embed linksys-wrt/router.toml
	linksysWrtRouter string
	//go:embed linksys-wrt/rescue.toml
	linksysWrtRescue string
)

var linksysWrt = folder{name: "linksys-wrt", board: &linksysWrtBoard, router: &linksysWrtRouter, rescue: &linksysWrtRescue}

var _ = add(&linksysWrt)
