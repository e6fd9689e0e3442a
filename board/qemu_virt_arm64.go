//go:build !boards || board_all || board_qemu_virt_arm64

package board

import _ "embed"

var (
	//go:embed qemu-virt-arm64/board.toml
	qemuVirtArm64Board string
	//go:embed qemu-virt-arm64/router.toml
	qemuVirtArm64Router string
	//go:embed qemu-virt-arm64/rescue.toml
	qemuVirtArm64Rescue string
)

var qemuVirtArm64 = folder{name: "qemu-virt-arm64", board: &qemuVirtArm64Board, router: &qemuVirtArm64Router, rescue: &qemuVirtArm64Rescue}

var _ = add(&qemuVirtArm64)
