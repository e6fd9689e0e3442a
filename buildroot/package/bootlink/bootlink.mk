################################################################################
#
# bootlink
#
################################################################################

BOOTLINK_VERSION = 0.1
BOOTLINK_SITE = $(BR2_EXTERNAL_BOOTLINK_PATH)/..
BOOTLINK_SITE_METHOD = local
BOOTLINK_LICENSE = MIT
BOOTLINK_LICENSE_FILES = LICENSE
BOOTLINK_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = \
	--exclude=/build --exclude=/buildroot --exclude=/output \
	--exclude=/qemu --exclude=/bench
HOST_BOOTLINK_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = $(BOOTLINK_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS)

# The checks of the image run on the build host.
BOOTLINK_DEPENDENCIES = host-bootlink

BOOTLINK_GOMOD = bootlink
BOOTLINK_BUILD_TARGETS = cmd/bootlink
HOST_BOOTLINK_GOMOD = bootlink
HOST_BOOTLINK_BUILD_TARGETS = cmd/bootlink cmd/kernelcaps

# Small before quick, as the Makefile of the source has it and says why.
BOOTLINK_SMALL = -d=variablemakethreshold=0,noopendefer=1,maxshapelen=12
BOOTLINK_LDFLAGS = -s -w -buildid= -R 4096 -X main.releaseVersion=$(BOOTLINK_VERSION)
BOOTLINK_BUILD_OPTS = \
	-gcflags='all=-l $(BOOTLINK_SMALL) -d=ssa/loop_rotate/off' \
	-gcflags=bootlink/nlcore=$(BOOTLINK_SMALL)
HOST_BOOTLINK_LDFLAGS = -X main.releaseVersion=$(BOOTLINK_VERSION)

# It is all Go: a static binary, whatever the toolchain is.
BOOTLINK_GO_ENV = CGO_ENABLED=0
HOST_BOOTLINK_GO_ENV = CGO_ENABLED=0
ifeq ($(BR2_ARM_CPU_ARMV7A)$(BR2_SOFT_FLOAT),yy)
BOOTLINK_GO_ENV += GOARM=7,softfloat
endif

# The garbage collector that is smaller; other releases have no such choice.
ifneq ($(filter 1.26.%,$(GO_VERSION)),)
BOOTLINK_GO_ENV += GOEXPERIMENT=nogreenteagc
endif

# Go builds without network here, so what bootlink imports has to be there.
define BOOTLINK_NEED_VENDOR
	test -f $(@D)/vendor/modules.txt || { \
		echo "bootlink: $(BOOTLINK_SITE) has no vendor folder: run \"make vendor\" there, then \"make bootlink-dirclean host-bootlink-dirclean\" here" >&2; \
		exit 1; \
	}
endef
BOOTLINK_PRE_BUILD_HOOKS += BOOTLINK_NEED_VENDOR
HOST_BOOTLINK_PRE_BUILD_HOOKS += BOOTLINK_NEED_VENDOR

# Without these there is no network to configure. Symbols of the groups stand
# in bootlink-kernel.mk, which is made from the tables of `bootlink probe`.
BOOTLINK_SYMBOLS = $(BOOTLINK_KERNEL_ALWAYS)
ifeq ($(BR2_PACKAGE_BOOTLINK_KERNEL_LINKS),y)
BOOTLINK_SYMBOLS += $(BOOTLINK_KERNEL_LINKS)
endif
ifeq ($(BR2_PACKAGE_BOOTLINK_KERNEL_ROUTING),y)
BOOTLINK_SYMBOLS += $(BOOTLINK_KERNEL_ROUTING)
endif
ifeq ($(BR2_PACKAGE_BOOTLINK_KERNEL_QUEUES),y)
BOOTLINK_SYMBOLS += $(BOOTLINK_KERNEL_QUEUES)
endif

# For the check of the image: only make knows where the kernel was built, since
# LINUX_OVERRIDE_SRCDIR gives it another folder than its version would.
export BOOTLINK_LINUX_DIR = $(LINUX_DIR)

define BOOTLINK_LINUX_CONFIG_FIXUPS
	$(foreach symbol,$(sort $(BOOTLINK_SYMBOLS)),$(call KCONFIG_ENABLE_OPT,$(symbol))$(sep))
endef

BOOTLINK_ROUTER_TOML = $(call qstrip,$(BR2_PACKAGE_BOOTLINK_ROUTER_TOML))
ifneq ($(BOOTLINK_ROUTER_TOML),)
define BOOTLINK_INSTALL_ROUTER_TOML
	$(HOST_DIR)/bin/bootlink check $(BOOTLINK_ROUTER_TOML)
	$(INSTALL) -D -m 0644 $(BOOTLINK_ROUTER_TOML) $(TARGET_DIR)/etc/bootlink/router.toml
endef
BOOTLINK_POST_INSTALL_TARGET_HOOKS += BOOTLINK_INSTALL_ROUTER_TOML
endif

# Either the init process keeps it, or a script calls it once: never both. The
# target folder outlives a change of mind, so what was chosen before goes.
ifeq ($(BR2_PACKAGE_BOOTLINK_START_RUN),y)
ifeq ($(BR2_INIT_SYSV),y)
BOOTLINK_INITTAB = bl:2345:respawn:/usr/bin/bootlink run
else
BOOTLINK_INITTAB = ::respawn:/usr/bin/bootlink run
endif
define BOOTLINK_INSTALL_INIT_SYSTEMD
	$(INSTALL) -D -m 0644 $(@D)/dist/systemd/bootlink.service \
		$(TARGET_DIR)/usr/lib/systemd/system/bootlink.service
endef
define BOOTLINK_INSTALL_INIT_OPENRC
	$(INSTALL) -D -m 0755 $(@D)/dist/openrc/bootlink \
		$(TARGET_DIR)/etc/init.d/bootlink
endef
define BOOTLINK_FINISH_INITTAB
	rm -f $(TARGET_DIR)/etc/init.d/S40bootlink
	if test -f $(TARGET_DIR)/etc/inittab; then \
		$(SED) '/bootlink run/d' $(TARGET_DIR)/etc/inittab; \
		echo '$(BOOTLINK_INITTAB)' >> $(TARGET_DIR)/etc/inittab; \
	fi
endef
else
define BOOTLINK_FINISH_INITTAB
	$(if $(BR2_PACKAGE_BOOTLINK_START_APPLY),,rm -f $(TARGET_DIR)/etc/init.d/S40bootlink)
	if test -f $(TARGET_DIR)/etc/inittab; then \
		$(SED) '/bootlink run/d' $(TARGET_DIR)/etc/inittab; \
	fi
endef
endif
ifeq ($(BR2_INIT_BUSYBOX)$(BR2_INIT_SYSV),y)
BOOTLINK_TARGET_FINALIZE_HOOKS += BOOTLINK_FINISH_INITTAB
endif

ifeq ($(BR2_PACKAGE_BOOTLINK_START_APPLY),y)
define BOOTLINK_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(BOOTLINK_PKGDIR)/S40bootlink \
		$(TARGET_DIR)/etc/init.d/S40bootlink
endef
define BOOTLINK_INSTALL_INIT_SYSTEMD
	$(INSTALL) -D -m 0644 $(@D)/dist/systemd/bootlink-apply.service \
		$(TARGET_DIR)/usr/lib/systemd/system/bootlink-apply.service
endef
endif

$(eval $(golang-package))
$(eval $(host-golang-package))
