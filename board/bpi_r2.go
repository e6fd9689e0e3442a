//go:build board_all || board_bpi_r2

package board

import _ "embed"

var (
	//go:embed bpi-r2/board.toml
	bpiR2Board string
	//go:embed bpi-r2/router.toml
	bpiR2Router string
	//go:embed bpi-r2/rescue.toml
	bpiR2Rescue string
)

var bpiR2 = folder{name: "bpi-r2", board: &bpiR2Board, router: &bpiR2Router, rescue: &bpiR2Rescue}

var _ = add(&bpiR2)
