package dist

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// rcCommon stands in for OpenWrt's /etc/rc.common, which Debian has not: it says what the
// script asks of procd. The names, and the order of what follows them, are procd.sh's.
const rcCommon = `
script=$1 word=$2
for name in procd_open_instance procd_set_param procd_close_instance; do
	eval "$name() { echo $name \${*:+\"\$*\"}; }"
done
. "$script"
[ -n "$USE_PROCD" ] || exit 9
"${word}_service"
`

// What procd is told, and not what it does, since Debian has none. respawn is below how
// many seconds a run counts as a crash, the wait after it, and how many crashes may follow
// each other (0: any number).
func TestProcd(t *testing.T) {
	dir := t.TempDir()
	b := &box{t: t, dir: dir}
	b.write("bin/bootlink", "#!/bin/sh\necho bootlink \"$@\"\n")
	b.write("etc/rc.common", rcCommon)
	b.write("etc/bootlink/router.toml", router)
	b.write("var/run/.keep", "")
	script := unit(t, "procd/bootlink")
	if !strings.HasPrefix(script, "#!/bin/sh /etc/rc.common\n") {
		t.Error("the script is not rc.common's")
	}
	for _, name := range []string{"/etc/bootlink/state", "/var/lib", "/var/run", "/run"} {
		script = strings.ReplaceAll(script, " "+name, " "+dir+name)
	}
	b.write("script", strings.ReplaceAll(script, "\t/usr/bin/", "\t"+dir+"/bin/"))
	says := func(word string) string {
		out, err := exec.Command("sh", "-e", filepath.Join(dir, "etc/rc.common"), filepath.Join(dir, "script"), word).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", word, err)
		}
		return string(out)
	}
	const want = `procd_open_instance
procd_set_param command /usr/bin/bootlink run
procd_set_param file /etc/bootlink/router.toml
procd_set_param reload_signal HUP
procd_set_param respawn 3600 1 0
procd_set_param stderr 1
procd_close_instance
`
	for range 2 { // the folders are there the second time
		if out := says("start"); out != want {
			t.Errorf("start tells procd\n%s", out)
		}
	}
	if out := says("reload"); out != "bootlink reload\n" {
		t.Errorf("reload says %q", out)
	}
	b.must(exec.Command("touch", filepath.Join(dir, "var/lib/bootlink/refused")).Run())
	if !b.has("etc/bootlink/state/refused") || !b.has("run/.keep") {
		t.Error("what outlives the boot is not in /etc, or /run not in /var")
	}
}
