include $(sort $(wildcard $(BR2_EXTERNAL_BOOTLINK_PATH)/package/*/*.mk))
