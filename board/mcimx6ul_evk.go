//go:build board_all || board_mcimx6ul_evk

package board

import _ "embed"

var (
	//go:embed mcimx6ul-evk/board.toml
	mcimx6ulEvkBoard string
	//go:embed mcimx6ul-evk/router.toml
	mcimx6ulEvkRouter string
	//go:embed mcimx6ul-evk/rescue.toml
	mcimx6ulEvkRescue string
)

var mcimx6ulEvk = folder{name: "mcimx6ul-evk", board: &mcimx6ulEvkBoard, router: &mcimx6ulEvkRouter, rescue: &mcimx6ulEvkRescue}

var _ = add(&mcimx6ulEvk)
