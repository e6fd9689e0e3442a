"""Runtime tests in Buildroot's manner; test-buildroot runs them."""
import os

import infra.basetest

EXTERNAL = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def defconfig(name):
    """Give the text of one of our defconfigs."""
    with open(os.path.join(EXTERNAL, "configs", name + "_defconfig")) as f:
        return f.read()


class TestBootlinkConfigure(infra.basetest.BRConfigTest):
    """The configuration loads, and nothing of ours is dropped from it."""
    config = defconfig("bootlink_qemu_arm_virt")
    br2_external = [EXTERNAL]

    def test_run(self):
        with open(os.path.join(self.builddir, ".config")) as f:
            lines = f.read().splitlines()
        for wanted in ("BR2_PACKAGE_BOOTLINK=y", "BR2_PACKAGE_BOOTLINK_START_RUN=y",
                       "BR2_PACKAGE_HELLOBYE=y", "BR2_PACKAGE_HOST_GO=y"):
            self.assertIn(wanted, lines)
        for unwanted in ("BR2_PACKAGE_IFUPDOWN_SCRIPTS=y", "BR2_PACKAGE_BOOTLINK_START_APPLY=y"):
            self.assertNotIn(unwanted, lines)


class BootlinkBoot(infra.basetest.BRTest):
    """Boot an image of the virt machine; what it starts is up to the class."""
    br2_external = [EXTERNAL]

    def boot(self):
        images = os.path.join(self.builddir, "images")
        self.emulator.boot(arch="arm",
                           kernel=os.path.join(images, "zImage"),
                           kernel_cmdline=["console=ttyAMA0"],
                           options=["-M", "virt", "-cpu", "cortex-a15", "-m", "256",
                                    "-initrd", os.path.join(images, "rootfs.cpio.gz"),
                                    "-netdev", "user,id=lan",
                                    "-device", "virtio-net-device,netdev=lan,mac=52:54:00:12:34:01",
                                    "-netdev", "user,id=wan",
                                    "-device", "virtio-net-device,netdev=wan,mac=52:54:00:12:34:02"])
        self.emulator.login()

    def assertConfigured(self):
        self.assertRunOk("bootlink wait --timeout 30s", timeout=60)
        self.assertRunOk("ip address show dev br-lan | grep 192.168.10.1/24")
        self.assertRunOk("bootlink plan --exit-code")


class TestBootlinkRun(BootlinkBoot):
    """`bootlink run` keeps the network, and the init process keeps it."""
    config = defconfig("bootlink_qemu_arm_virt")

    def test_run(self):
        self.boot()
        self.assertConfigured()
        self.assertRunOk("lsmod | grep hellobye")
        self.assertRunOk("ip address del 192.168.10.1/24 dev br-lan && bootlink wait --timeout 30s")
        self.assertRunOk("kill $(pidof bootlink)")
        self.assertConfigured()
        self.assertRunOk("test $(pidof bootlink | wc -w) -eq 1")


class TestBootlinkApply(BootlinkBoot):
    """S40bootlink configures the network once, and nothing stays."""
    config = defconfig("bootlink_qemu_arm_virt") + "BR2_PACKAGE_BOOTLINK_START_APPLY=y\n"

    def test_run(self):
        self.boot()
        self.assertRunOk("ip address show dev br-lan | grep 192.168.10.1/24")
        self.assertRunOk("bootlink plan --exit-code")
        self.assertRunOk("! pidof bootlink")
