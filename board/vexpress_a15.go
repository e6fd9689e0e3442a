//go:build board_all || board_vexpress_a15

package board

import _ "embed"

var (
	//go:embed vexpress-a15/board.toml
	vexpressA15Board string
	//go:embed vexpress-a15/router.toml
	vexpressA15Router string
	//go:embed vexpress-a15/rescue.toml
	vexpressA15Rescue string
)

var vexpressA15 = folder{name: "vexpress-a15", board: &vexpressA15Board, router: &vexpressA15Router, rescue: &vexpressA15Rescue}

var _ = add(&vexpressA15)
