//go:build board_all || board_raspi2b

package board

import _ "embed"

var (
	//go:embed raspi2b/board.toml
	raspi2bBoard string
	//go:embed raspi2b/router.toml
	raspi2bRouter string
	//go:embed raspi2b/rescue.toml
	raspi2bRescue string
)

var raspi2b = folder{name: "raspi2b", board: &raspi2bBoard, router: &raspi2bRouter, rescue: &raspi2bRescue}

var _ = add(&raspi2b)
