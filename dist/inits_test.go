package dist

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	router = "version = 1\n[sysctl]\n\"net.ipv4.ip_forward\" = 1\n[link.br-lan]\nkind = \"bridge\"\naddresses = [\"192.168.10.1/24\"]\n"
	// see is what a service does that needs the network.
	see = "ip -br address show dev br-lan >/lab/seeing 2>&1; mv /lab/seeing /lab/seen"
)

// An initSystem is one that a unit of this folder is for.
type initSystem struct {
	name  string
	init  []string          // process 1
	over  string            // a folder whose usr lies over the host's
	files map[string]string // of the box
	// Shell commands; "" where there is none.
	up      string // succeeds once the init can be spoken to
	begin   string // starts bootlink, and what needs the network; else the init does
	reload  string
	restart string
	stop    string
	stopped string // succeeds where bootlink is down and meant to be
	start   string
}

func inits(t *testing.T) []initSystem {
	return []initSystem{{
		name: "s6", init: []string{"s6-svscan", "/lab/service"},
		files: map[string]string{
			"lab/service/bootlink/run":             unit(t, "s6/bootlink/run"),
			"lab/service/bootlink/notification-fd": unit(t, "s6/bootlink/notification-fd"),
			"lab/service/bootlink/type":            unit(t, "s6/bootlink/type"),
		},
		up:      "s6-svok /lab/service/bootlink",
		begin:   "s6-svwait -U -t 10000 /lab/service/bootlink && " + see,
		reload:  "s6-svc -h /lab/service/bootlink",
		restart: "s6-svc -wR -T 10000 -r /lab/service/bootlink",
		stop:    "s6-svc -wD -T 10000 -d /lab/service/bootlink",
		stopped: `[ "$(s6-svstat -o up,wantedup /lab/service/bootlink)" = "false false" ]`,
		start:   "s6-svc -wU -T 10000 -u /lab/service/bootlink",
	}, {
		name: "OpenRC", init: []string{"openrc-init"}, over: "../build/openrc",
		files: map[string]string{
			"etc/rc.conf": "", "etc/insserv.conf": "", "etc/group": "root:x:0:\nuucp:x:10:\n", "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "etc/runlevels/boot/.keep": "", "etc/runlevels/default/.keep": "", "etc/runlevels/sysinit/.keep": "", "etc/conf.d/.keep": "",
			"etc/init.d/bootlink":   unit(t, "openrc/bootlink"),
			"etc/init.d/localmount": "#!/sbin/openrc-run\nstart() { :; }\n", // Debian's OpenRC has none
			"etc/init.d/client":     "#!/sbin/openrc-run\ndepend() { need net; }\nstart() { " + see + "; }\n",
		},
		up:      "rc-status --runlevel | grep default",
		begin:   "rc-service client start",
		reload:  "rc-service bootlink reload",
		restart: "rc-service bootlink restart",
		stop:    "rc-service bootlink stop",
		stopped: "rc-service bootlink status; [ $? = 3 ]",
		start:   "rc-service bootlink start && rc-service bootlink status",
	}, {
		name: "busybox", init: []string{"busybox", "init"},
		files: map[string]string{
			"etc/inittab": "::sysinit:/bin/sh -c ': >/lab/sysinit'\n" + unit(t, "busybox/inittab") + "::once:/bin/sh -c 'bootlink wait && { " + see + "; }'\n",
		},
		up:     "[ -e /lab/sysinit ]",
		reload: "bootlink reload",
	}, {
		name: "systemd",
		init: []string{"/lib/systemd/systemd", "--system", "--unit=lab.target", "--log-target=console", "--show-status=no"},
		files: map[string]string{
			"etc/machine-id":                            "6c61626c61626c61626c61626c61626c\n", // without, this were a first boot
			"etc/systemd/system/bootlink.service":       unit(t, "systemd/bootlink.service"),
			"etc/systemd/system/bootlink-apply.service": unit(t, "systemd/bootlink-apply.service"),
			"etc/systemd/system/lab.target":             "[Unit]\nDefaultDependencies=no\n",
			"etc/systemd/system/client.service": "[Unit]\nDefaultDependencies=no\nWants=network-online.target\nAfter=network-online.target\n" +
				"[Service]\nType=oneshot\nExecStart=/bin/sh -c '" + see + "'\n",
		},
		up:      "systemctl is-active lab.target",
		begin:   "systemctl enable bootlink && systemctl start client",
		reload:  "systemctl reload bootlink",
		restart: "systemctl restart bootlink",
		stop:    "systemctl stop bootlink",
		stopped: `[ "$(systemctl is-active bootlink)" = inactive ]`,
		start:   "systemctl start bootlink",
	}}
}

// unit reads a file of this folder.
func unit(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// build builds what the boxes run.
func build(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bootlink")
	cmd := exec.Command("go", "build", "-o", file, "../cmd/bootlink")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// Under each init what needs the network waits for it, a killed bootlink is started
// again, and reload, restart and stop do what they say, with the network there throughout.
func TestInits(t *testing.T) {
	bootlink := build(t)
	for _, i := range inits(t) {
		t.Run(i.name, func(t *testing.T) {
			t.Parallel() // each waits a second, more than once, before it starts bootlink again
			b := newBox(t, bootlink, i)
			b.eventually(i.up, func() bool { return b.succeeds(i.up) })
			begins(b, i)
			link := b.run("ip -o link show dev br-lan")
			survives(b)
			reloads(b, i)
			if i.stop != "" {
				restarts(b, i)
				stops(b, i)
			}
			if now := b.run("ip -o link show dev br-lan"); now != link {
				t.Errorf("the bridge is another:\n%s%s", link, now)
			}
		})
	}
}

// begins: who needs the network comes after it, and not before.
func begins(b *box, i initSystem) {
	b.t.Helper()
	begun := make(chan error, 1)
	if i.begin == "" {
		begun <- nil
	} else {
		go func() { begun <- b.command(i.begin + " >>/lab/begun 2>&1").Run() }()
	}
	b.openGate(func() {
		for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if b.has("lab/seen") {
				b.t.Error("what needs the network is started before bootlink has configured it")
				return
			}
		}
	})
	b.eventually("what needs the network is started", func() bool { return b.has("lab/seen") })
	select {
	case err := <-begun:
		if err != nil {
			b.t.Errorf("%s: %v", i.begin, err)
		}
	case <-time.After(10 * time.Second):
		b.t.Fatalf("%s does not end", i.begin)
	}
	if seen, _ := os.ReadFile(filepath.Join(b.dir, "lab/seen")); !strings.Contains(string(seen), "192.168.10.1/24") {
		b.t.Errorf("what needs the network finds %q", seen)
	}
}

// serves waits for a bootlink that is another process than before, and does its work.
func serves(b *box, before string) {
	b.t.Helper()
	b.eventually("another bootlink than "+before+" runs", func() bool { now := b.process(); return now != "" && now != before })
	b.eventually("it listens", func() bool { return b.succeeds("bootlink reload") })
}

// stays: the network is there.
func stays(b *box, when string) {
	b.t.Helper()
	if out := b.run("ip -br address show dev br-lan"); !strings.Contains(out, "192.168.10.1/24") {
		b.t.Errorf("%s the network is gone: %q", when, out)
	}
}

// survives: killed, it is started again.
func survives(b *box) {
	b.t.Helper()
	before := b.process()
	b.run("kill -KILL " + before)
	stays(b, "with bootlink killed")
	serves(b, before)
}

// reloads: a reload brings what is new in the file, and no new process.
func reloads(b *box, i initSystem) {
	b.t.Helper()
	before := b.process()
	b.write("etc/bootlink/router.toml", strings.Replace(router, "[\"", "[\"192.168.11.1/24\", \"", 1))
	b.run(i.reload)
	b.eventually("the new address is there", func() bool { return strings.Contains(b.run("ip -br address show dev br-lan"), "192.168.11.1/24") })
	if now := b.process(); now != before {
		b.t.Errorf("%s started process %s in place of %s", i.reload, now, before)
	}
	stays(b, "after a reload")
}

func restarts(b *box, i initSystem) {
	b.t.Helper()
	before := b.process()
	b.run(i.restart)
	serves(b, before)
	stays(b, "after a restart")
}

// stops: stopped, it stays so until it is started; the network is there.
func stops(b *box, i initSystem) {
	b.t.Helper()
	before := b.process()
	b.run(i.stop)
	if !b.succeeds(i.stopped) || b.succeeds("kill -0 "+before) {
		b.t.Errorf("%s leaves it running", i.stop)
	}
	stays(b, "with bootlink stopped")
	b.run(i.start)
	serves(b, "")
}
