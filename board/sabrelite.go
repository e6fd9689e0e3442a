//go:build board_all || board_sabrelite

package board

import _ "embed"

var (
	//go:embed sabrelite/board.toml
	sabreliteBoard string
	//go:embed sabrelite/router.toml
	sabreliteRouter string
	//go:embed sabrelite/rescue.toml
	sabreliteRescue string
)

var sabrelite = folder{name: "sabrelite", board: &sabreliteBoard, router: &sabreliteRouter, rescue: &sabreliteRescue}

var _ = add(&sabrelite)
