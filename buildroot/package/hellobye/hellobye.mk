################################################################################
#
# hellobye
#
################################################################################

HELLOBYE_VERSION = 1.1
HELLOBYE_SITE = $(BR2_EXTERNAL_BOOTLINK_PATH)/../kmod/src
HELLOBYE_SITE_METHOD = local
HELLOBYE_LICENSE = GPL-2.0
HELLOBYE_LICENSE_FILES = COPYING

define HELLOBYE_LINUX_CONFIG_FIXUPS
	$(call KCONFIG_ENABLE_OPT,CONFIG_NETFILTER)
	$(call KCONFIG_ENABLE_OPT,CONFIG_PROC_FS)
	$(call KCONFIG_DISABLE_OPT,CONFIG_CRYPTO_USER)
endef

$(eval $(kernel-module))
$(eval $(generic-package))
