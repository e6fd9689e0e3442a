package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bootlink/rtcfg"
	"bootlink/rtcfg/lab"

	"golang.org/x/sys/unix"
)

// A running `run` tells how it is, reads its file again when it is asked to, and
// prints what it does to those who listen.
func TestControl(t *testing.T) {
	r := newRouter(t, devices, whole)
	r.expect(r.run("reload"), exitFailed, "bootlink run is not there")
	d := r.start()
	d.waitFor("is in force", 1)
	lab.Eventually(t, func() bool { return r.run("reload").code == exitDone }, d.log)

	heard := r.listen()
	lab.Eventually(t, func() bool {
		r.IP("link", "set", "wan", "alias", "spoilt")
		return strings.Contains(heard.log(), "put right: set link wan alias to the provider")
	}, func() string { return heard.log() + d.log() })
	s := decode[rtcfg.Status](t, r.run("status", "--json").stdout)
	if s.Run == nil || s.Run.Healed == 0 || s.Run.InForce != r.config || s.Run.Fallback {
		t.Errorf("status: %+v", s.Run)
	}
	lab.Eventually(t, func() bool { return r.run("status", "--check").code == exitDone }, func() string { return r.run("status").String() })
	if out := r.run("status").stdout; !strings.Contains(out, "run      since ") {
		t.Error(out)
	}

	r.write(strings.ReplaceAll(whole, "mtu ", "mut "))
	r.expect(r.run("reload"), exitFailed, r.config+":", `unknown key "mut"`)
	d.ends(unix.SIGTERM)
	<-heard.done
	if code := heard.cmd.ProcessState.ExitCode(); code != exitDone {
		t.Errorf("events ends with %d; want 0", code)
	}
}

// What is kept of root's power, once the network is configured.
func TestPrivileges(t *testing.T) {
	r := newRouter(t, devices, whole)
	d := r.startOf(shipped) // with cgo, and so with the race detector, it keeps all
	d.waitFor("is in force", 1)
	lab.Eventually(t, func() bool {
		return r.run("status").code == exitDone && strings.Contains(r.run("status").stdout, "run      ")
	}, d.log)
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", d.cmd.Process.Pid))
	if err != nil || len(tasks) < 2 {
		t.Fatal(tasks, err)
	}
	want := fmt.Sprintf("CapEff:\t%016x\n", 1<<unix.CAP_NET_ADMIN|1<<unix.CAP_SYS_ADMIN) // the latter to enter --netns
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil || !strings.Contains(string(text), want) || !strings.Contains(string(text), "NoNewPrivs:\t1\n") {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
	r.IP("link", "set", "wan", "mtu", "1400")
	d.waitFor("put right: set link wan mtu 1450", 1)
	r.SetSysctl("net/ipv4/ip_forward", "0")
	d.waitFor("put right: set sysctl net/ipv4/ip_forward = 1", 1)
}

// The supervisor hears when the network is configured.
func TestReady(t *testing.T) {
	r := newRouter(t, devices, whole)
	path := filepath.Join(filepath.Dir(r.config), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	cmd := exec.Command(binary, r.args("run", "--state-dir", "", "--ready-fd", "3")...)
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+path)
	cmd.ExtraFiles = []*os.File{writer}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	defer cmd.Wait()
	defer cmd.Process.Signal(unix.SIGTERM)
	buf := make([]byte, 100)
	socket.SetReadDeadline(time.Now().Add(30 * time.Second))
	if n, err := socket.Read(buf); err != nil || string(buf[:n]) != "READY=1\n" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if n, err := reader.Read(buf); err != nil || string(buf[:n]) != "\n" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if out := r.IP("-br", "address", "show", "dev", "br-lan"); !strings.Contains(out, "192.168.10.1/24") {
		t.Errorf("ready, and yet: %s", out)
	}
}
