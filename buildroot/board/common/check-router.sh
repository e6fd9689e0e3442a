#!/bin/sh
# Refuse an image whose kernel cannot do what its router.toml asks for. A post-build
# script: Buildroot calls it when all is in the target folder, overlays too.
#
# Usage: check-router.sh TARGET_DIR
#
# Reads    BR2_CONFIG, BUILD_DIR, HOST_DIR, as Buildroot exports them
#          BOOTLINK_LINUX_DIR, where the kernel was built, as bootlink.mk does
# Leaves   BUILD_DIR/bootlink-caps.json, the report of the kernel

set -eu

target=$1
router=$target/etc/bootlink/router.toml

say() {
	echo "check-router: $*" >&2
}

if [ ! -f "$router" ]; then
	say "there is no etc/bootlink/router.toml: the board's own default will be in force, and is not checked"
	exit 0
fi
if ! grep -q '^BR2_LINUX_KERNEL=y' "$BR2_CONFIG"; then
	say "no kernel is built here, so only the file itself is checked"
	exec "$HOST_DIR/bin/bootlink" check "$router"
fi

report=$BUILD_DIR/bootlink-caps.json
"$HOST_DIR/bin/kernelcaps" "$BOOTLINK_LINUX_DIR" "$target" >"$report"
"$HOST_DIR/bin/bootlink" check --caps "$report" "$router"

# The file may want the module, and both a script and the init process may start bootlink.
module=$(sed -n 's/^module *= *"\([a-z_]*\)".*/\1/p' "$router")
if [ -n "$module" ] && [ -z "$(find "$target/lib/modules" -name "$module.ko*" 2>/dev/null)" ]; then
	say "$router wants module $module, which is not in the image: enable BR2_PACKAGE_HELLOBYE, or take the table out"
	exit 1
fi
if [ -f "$target/etc/init.d/S40bootlink" ] && grep -qs 'bootlink run' "$target/etc/inittab"; then
	say "both S40bootlink and the inittab start bootlink: leave one of them"
	exit 1
fi
for other in S40network S41dhcpcd; do
	if [ -f "$target/etc/init.d/$other" ]; then
		say "$other is in the image and configures the network too: switch it off (BR2_PACKAGE_IFUPDOWN_SCRIPTS, BR2_SYSTEM_DHCP, BR2_PACKAGE_DHCPCD)"
		exit 1
	fi
done
