// Mkimage builds build/image/router.cpio, an initramfs for 32-bit ARM with
// u-root's commands, the kernel's network modules, bootlink, the hello/bye
// module and a board's router.toml. Run it in the folder qemu:
//
//	go run ./mkimage [-test] [-board DIR] [-machine arm64] [-partial]
//
// In the image u-root's init is the first process; it loads the modules that
// /lib/modules-load.d names, starts `bootlink run` in the background and then a
// shell on the console.
// Missing modules are loaded by /bbin/modprobe if the kernel's command line
// says so:
//
//	console=ttyAMA0 quiet panic=-1 sysctl.kernel.modprobe=/bbin/modprobe
//
// With -test it also writes build/image/test.cpio, what only tests want: the
// agent, iproute2 and the C client of the legacy protocol. The kernel unpacks
// archives one after another, so a test boots `cat router.cpio test.cpio`.
//
// Only u-root's part takes long, half a minute; it is kept in qemu/out/cache by
// a hash of all that goes into it. The same input makes the same bytes. To see
// what is in an image: cpio -itv < build/image/router.cpio.
package main
