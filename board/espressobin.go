//go:build board_all || board_espressobin

package board

import _ "embed"

var (
	//go:embed espressobin/board.toml
	espressobinBoard string
	//go:embed espressobin/router.toml
	espressobinRouter string
	//go:embed espressobin/rescue.toml
	espressobinRescue string
)

var espressobin = folder{name: "espressobin", board: &espressobinBoard, router: &espressobinRouter, rescue: &espressobinRescue}

var _ = add(&espressobin)
