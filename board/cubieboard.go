//go:build board_all || board_cubieboard

package board

import _ "embed"

var (
	//go:embed cubieboard/board.toml
	cubieboardBoard string
	//go:embed cubieboard/router.toml
	cubieboardRouter string
	//go:embed cubieboard/rescue.toml
	cubieboardRescue string
)

var cubieboard = folder{name: "cubieboard", board: &cubieboardBoard, router: &cubieboardRouter, rescue: &cubieboardRescue}

var _ = add(&cubieboard)
