//go:build !arm64 && (!boards || board_all || board_qemu_virt)

package board

import _ "embed"

var (
	//go:embed qemu-virt/board.toml
	qemuVirtBoard string
	//go:embed qemu-virt/router.toml
	qemuVirtRouter string
	//go:embed qemu-virt/rescue.toml
	qemuVirtRescue string
)

var qemuVirt = folder{name: "qemu-virt", board: &qemuVirtBoard, router: &qemuVirtRouter, rescue: &qemuVirtRescue}

var _ = add(&qemuVirt)
