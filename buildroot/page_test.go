package buildroot

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"bootlink/rtcfg/lab"
)

// TestPage: docs/buildroot.md shows what its commands print (UPDATE=1 writes it), for a
// kernel without WireGuard.
func TestPage(t *testing.T) {
	dir, tools := t.TempDir(), hostTools(t)
	write(t, dir, map[string]string{
		"target/etc/bootlink/router.toml":            "version = 1\n\n[link.br-lan]\nkind = \"bridge\"\n\n[link.wg0]\nkind = \"wireguard\"\n",
		"target/lib/modules/6.1.159/modules.builtin": "kernel/net/bridge/bridge.ko\n",
		"build/linux-6.1.159/.config":                "#\n# Linux/arm 6.1.159 Kernel Configuration\n#\nCONFIG_NET=y\nCONFIG_INET=y\nCONFIG_BRIDGE=y\n",

		"build/linux-6.1.159/include/config/kernel.release": "6.1.159\n",
	})
	page := lab.ReadPage(t, "../docs/buildroot.md", "console")
	if len(page.Commands) == 0 {
		t.Fatal("the page has no commands")
	}
	page.Check(t, os.Getenv("UPDATE") != "", func(command lab.Command) string {
		cmd := exec.Command("bash", "-c", command.Text)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			out = append(out, "["+strings.Replace(err.Error(), "exit status", "status", 1)+"]\n"...)
		}
		return string(out)
	})
}

// The README has the page's commands.
func TestReadmeSaysTheSame(t *testing.T) {
	page, readme := read(t, "../docs/buildroot.md"), read(t, "README.md")
	for _, line := range strings.Split(page, "\n") {
		if (strings.HasPrefix(line, "make ") || strings.HasPrefix(line, "export ")) && !strings.Contains(readme, "    "+line+"\n") {
			t.Errorf("README.md lacks %s", line)
		}
	}
}
