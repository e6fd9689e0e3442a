"""Runtime tests in Buildroot's manner; test-buildroot runs them."""
import os

import infra.basetest

EXTERNAL = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def defconfig(name):
    """Give the text of one of our defconfigs, or what BOOTLINK_CONFIGS has in its place.

    The emulator waits for the login prompt of a host with Buildroot's own name.
    """
    configs = os.environ.get("BOOTLINK_CONFIGS", os.path.join(EXTERNAL, "configs"))
    with open(os.path.join(configs, name + "_defconfig")) as f:
        return "".join(line for line in f if not line.startswith("BR2_TARGET_GENERIC_HOSTNAME="))


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


class Boot(infra.basetest.BRTest):
    """What can be said of a router that has booted."""
    br2_external = [EXTERNAL]

    def images(self, name):
        return os.path.join(self.builddir, "images", name)

    def assertSoon(self, cmd):
        """Assert that the command succeeds within half a minute."""
        self.assertRunOk("for i in $(seq 30); do {0} && break; sleep 1; done; {0}".format(cmd), timeout=60)

    def assertConfigured(self, lan):
        self.assertRunOk("bootlink wait --timeout 30s", timeout=60)
        self.assertRunOk("ip address show dev {} | grep 192.168.10.1/24".format(lan))
        self.assertRunOk("bootlink plan --exit-code")

    def assertKept(self, lan):
        """Assert that drift is put right, and that init starts what was killed again."""
        self.assertRunOk("ip address del 192.168.10.1/24 dev {}".format(lan))
        self.assertSoon("ip address show dev {} | grep 192.168.10.1/24".format(lan))
        self.assertRunOk("old=$(pidof bootlink) && kill $old")
        self.assertSoon("new=$(pidof bootlink) && test $new -ne $old")
        self.assertConfigured(lan)
        self.assertRunOk("test $(pidof bootlink | wc -w) -eq 1")
        self.assertRunOk("bootlink status --check")


class BootVirt(Boot):
    """Boot an image of the virt machine; what it starts is up to the class."""

    def boot(self):
        self.emulator.boot(arch="arm",
                           kernel=self.images("zImage"),
                           kernel_cmdline=["console=ttyAMA0"],
                           options=["-M", "virt", "-cpu", "cortex-a15", "-m", "256",
                                    "-initrd", self.images("rootfs.cpio.gz"),
                                    "-netdev", "user,id=lan",
                                    "-device", "virtio-net-device,netdev=lan,mac=52:54:00:12:34:01",
                                    "-netdev", "user,id=wan",
                                    "-device", "virtio-net-device,netdev=wan,mac=52:54:00:12:34:02"])
        self.emulator.login()


class TestBootlinkRun(BootVirt):
    """`bootlink run` keeps the network, and the init process keeps it."""
    config = defconfig("bootlink_qemu_arm_virt")

    def test_run(self):
        self.boot()
        self.assertConfigured("br-lan")
        self.assertRunOk("lsmod | grep hellobye")
        self.assertRunOk("bootlink ping --count 1 hello && bootlink ping --count 1 bye")
        self.assertKept("br-lan")


class TestBootlinkApply(BootVirt):
    """S40bootlink configures the network once, and nothing stays."""
    config = defconfig("bootlink_qemu_arm_virt") + "BR2_PACKAGE_BOOTLINK_START_APPLY=y\n"

    def test_run(self):
        self.boot()
        self.assertConfigured("br-lan")
        self.assertRunOk("! pidof bootlink")
        self.assertRunOk("ip address del 192.168.10.1/24 dev br-lan && /etc/init.d/S40bootlink restart")
        self.assertConfigured("br-lan")
