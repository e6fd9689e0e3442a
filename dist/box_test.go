package dist

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bootlink/rtcfg/lab"
)

// A box is a machine for one init: its own processes, network, mounts and name. Of the
// host it sees /usr, read-only and with the box's own files above it. /etc and /lab are
// folders of the test, which reads and writes them from outside.
type box struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd // the init
}

// ownGroup names a group of processes that is the box's own, so that an init which parts
// its group, as systemd does, keeps to it. $1 is the box's folder; it is mounted there,
// wherever the host has it, since systemd is content with a group of version 2 alone.
const ownGroup = `
mount --make-rprivate /
mount -t cgroup2 cgroup2 "$1/group"
group=$1/group$(sed -n 's/^0:://p' /proc/thread-self/cgroup)/$(echo "bootlink$1" | tr / -)
`

// prepare makes the box and becomes its init. $1 is its folder, $2 what its /usr is made
// of, the rest the init.
const prepare = `set -e` + ownGroup + `
dir=$1 usr=$2
shift 2
mkdir "$group"
echo 0 >"$group/cgroup.procs"
umount "$dir/group"
mount -t tmpfs tmpfs "$dir/root"
cd "$dir/root"
mkdir usr etc lab old run var var/lib proc sys dev tmp root
for name in bin sbin lib lib64; do ln -s usr/$name $name; done
ln -s /run var/run
mount -t overlay overlay -o "lowerdir=$usr" usr
mount --bind "$dir/etc" etc
mount --bind "$dir/lab" lab
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind /proc/sys/net proc/sys/net
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs dev
for name in null zero full random urandom tty; do
	touch dev/$name
	mount --bind /dev/$name dev/$name
done
ip link set lo up
pivot_root . old
cd /
exec unshare --cgroup sh -c 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && umount -l /old && : >/lab/up && exec "$@"' init "$@"
`

// dissolve removes the group, once the box's processes are gone.
const dissolve = `set -e` + ownGroup + `
find "$group" -depth -type d -exec rmdir {} +
`

// gate is what the units call: "bootlink run" stops at a gate until the test opens it,
// so that what comes too early is seen.
const gate = `#!/bin/sh
[ "$1" != run ] || [ ! -p /lab/gate ] || read -r _ </lab/gate
exec /usr/lib/bootlink/bootlink "$@"
`

// newBox makes a box and starts an init in it, which lasts as long as the test.
func newBox(t *testing.T, bootlink string, i initSystem) *box {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("needs root: each init runs in namespaces of its own (go test -exec sudo)")
	}
	b := &box{t: t, dir: t.TempDir()}
	for _, name := range []string{"root", "group", "usr/bin", "usr/lib/bootlink", "etc", "lab"} {
		b.must(os.MkdirAll(filepath.Join(b.dir, name), 0o755))
	}
	b.must(os.Link(bootlink, filepath.Join(b.dir, "usr/lib/bootlink/bootlink")))
	b.write("usr/bin/bootlink", gate)
	b.write("etc/bootlink/router.toml", router)
	for name, text := range i.files {
		b.write(name, text)
	}
	b.must(syscall.Mkfifo(filepath.Join(b.dir, "lab/gate"), 0o600))
	usr := filepath.Join(b.dir, "usr") + ":"
	if i.over != "" {
		over, err := filepath.Abs(filepath.Join(i.over, "usr"))
		b.must(err)
		if _, err := os.Stat(over); err != nil {
			t.Fatalf("%v: dist/fetch brings it", err)
		}
		usr += over + ":"
	}
	b.cmd = exec.Command("sh", append([]string{"-c", prepare, "box", b.dir, usr + "/usr"}, i.init...)...)
	b.start()
	return b
}

// start starts the init, and waits until all that is the box's is in place.
func (b *box) start() {
	b.t.Helper()
	log, err := os.Create(filepath.Join(b.dir, "log")) // no pipe, which a daemon would hold
	b.must(err)
	b.cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "container=lab"}
	b.cmd.Stdout, b.cmd.Stderr = log, log
	b.cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	b.must(b.cmd.Start())
	log.Close()
	b.t.Cleanup(func() {
		b.cmd.Process.Kill() // and with it all that is in the box
		b.cmd.Wait()
		if out, err := exec.Command("unshare", "--mount", "sh", "-c", dissolve, "box", b.dir).CombinedOutput(); err != nil {
			b.t.Errorf("the box's group of processes stays: %v\n%s", err, out)
		}
		if b.t.Failed() {
			b.t.Logf("the init said:\n%s", b.said())
		}
	})
	b.eventually("the box is ready", func() bool { return b.has("lab/up") })
}

func (b *box) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// write makes a file of the box; scripts are executable.
func (b *box) write(name, text string) {
	b.t.Helper()
	file := filepath.Join(b.dir, name)
	b.must(os.MkdirAll(filepath.Dir(file), 0o755))
	mode := fs.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	b.must(os.WriteFile(file, []byte(text), mode))
}

func (b *box) has(name string) bool {
	_, err := os.Stat(filepath.Join(b.dir, name))
	return err == nil
}

func (b *box) said() string {
	text, _ := os.ReadFile(filepath.Join(b.dir, "log"))
	begun, _ := os.ReadFile(filepath.Join(b.dir, "lab/begun"))
	return string(text) + string(begun)
}

// command is one of a shell in the box.
func (b *box) command(line string) *exec.Cmd {
	cmd := exec.Command("nsenter", "-t", strconv.Itoa(b.cmd.Process.Pid), "-m", "-n", "-p", "-u", "-i", "sh", "-c", line)
	cmd.Env = b.cmd.Env
	cmd.WaitDelay = time.Second // a daemon that it leaves behind may hold its output
	return cmd
}

// run gives what a command says; one that fails ends the test.
func (b *box) run(line string) string {
	b.t.Helper()
	out, err := b.command(line).CombinedOutput()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		b.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

func (b *box) succeeds(line string) bool { return b.command(line).Run() == nil }

func (b *box) eventually(what string, ok func() bool) {
	b.t.Helper()
	lab.Eventually(b.t, ok, func() string { return what })
}

// process gives the process of "bootlink run", as the box numbers it.
func (b *box) process() string {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(b.cmd.Process.Pid) + "/root/run/bootlink/bootlink.pid")
	return strings.TrimSpace(string(text))
}

// openGate waits until "bootlink run" stands at the gate, calls what, and lets it in;
// afterwards there is no gate any more.
func (b *box) openGate(what func()) {
	b.t.Helper()
	file := filepath.Join(b.dir, "lab/gate")
	var gate *os.File
	b.eventually("the unit has called bootlink run", func() (ok bool) {
		fd, err := syscall.Open(file, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		gate = os.NewFile(uintptr(fd), file)
		return err == nil
	})
	what()
	b.must(os.Remove(file))
	_, err := gate.WriteString("\n")
	b.must(errors.Join(err, gate.Close()))
}
