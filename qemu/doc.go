// Package qemu holds what turns bootlink into an image and boots it: the
// kernel, the image builder, the guest's helpers and the boot tests. It is a
// module of its own, so that u-root and gVisor never reach the product.
package qemu
