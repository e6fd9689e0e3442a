//go:build board_all || board_orangepi_pc

package board

import _ "embed"

var (
	//go:embed orangepi-pc/board.toml
	orangepiPcBoard string
	//go:embed orangepi-pc/router.toml
	orangepiPcRouter string
	//go:embed orangepi-pc/rescue.toml
	orangepiPcRescue string
)

var orangepiPc = folder{name: "orangepi-pc", board: &orangepiPcBoard, router: &orangepiPcRouter, rescue: &orangepiPcRescue}

var _ = add(&orangepiPc)
