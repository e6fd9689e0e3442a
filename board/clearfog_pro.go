//go:build board_all || board_clearfog_pro

package board

import _ "embed"

var (
	//go:embed clearfog-pro/board.toml
	clearfogProBoard string
	//go:embed clearfog-pro/router.toml
	clearfogProRouter string
	//go:embed clearfog-pro/rescue.toml
	clearfogProRescue string
)

var clearfogPro = folder{name: "clearfog-pro", board: &clearfogProBoard, router: &clearfogProRouter, rescue: &clearfogProRescue}

var _ = add(&clearfogPro)
