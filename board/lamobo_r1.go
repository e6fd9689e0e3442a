//go:build board_all || board_lamobo_r1

package board

import _ "embed"

var (
	//go:embed lamobo-r1/board.toml
	lamoboR1Board string
	//go:embed lamobo-r1/router.toml
	lamoboR1Router string
	//go:embed lamobo-r1/rescue.toml
	lamoboR1Rescue string
)

var lamoboR1 = folder{name: "lamobo-r1", board: &lamoboR1Board, router: &lamoboR1Router, rescue: &lamoboR1Rescue}

var _ = add(&lamoboR1)
