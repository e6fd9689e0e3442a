//go:build board_all || board_turris_omnia

package board

import _ "embed"

var (
	//go:embed turris-omnia/board.toml
	turrisOmniaBoard string
	//go:embed turris-omnia/router.toml
	turrisOmniaRouter string
	//go:embed turris-omnia/rescue.toml
	turrisOmniaRescue string
)

var turrisOmnia = folder{name: "turris-omnia", board: &turrisOmniaBoard, router: &turrisOmniaRouter, rescue: &turrisOmniaRescue}

var _ = add(&turrisOmnia)
