package qemu

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"bootlink/qemu/vm"
	"bootlink/rtcfg/lab"
)

// TestCookbook: recipes of docs/cookbook.md for which the machine that runs the tests may
// lack link kinds, on an ARM router (UPDATE=1 writes what they print).
func TestCookbook(t *testing.T) {
	t.Parallel()
	noRun := vm.File{Content: "../bbin/true", Mode: os.ModeSymlink}
	r := &router{VM: start(t, vm.Config{Files: map[string]vm.File{"bin/uinit": noRun}})}
	page := lab.ReadPage(t, "../docs/cookbook.md", "console guest")
	if len(page.Commands) == 0 {
		t.Fatal("the page has no commands for a guest")
	}
	var outputs []string
	for begin, end := 0, 1; begin < len(page.Commands); end++ {
		if end == len(page.Commands) || page.Commands[end].Section != page.Commands[begin].Section {
			outputs = append(outputs, r.recipe(t, page.Commands[begin:end])...)
			begin = end
		}
	}
	next := 0
	page.Check(t, os.Getenv("UPDATE") != "", func(lab.Command) string {
		next++
		return outputs[next-1]
	})
	quietKernel(t, r)
}

// ended comes after what a command has printed, with its status.
const ended = "\x01ended "

// recipe gives what the commands of a recipe print, each with its status if that is not 0.
// One shell runs them all, as a person's would, in a namespace of their own and without
// what the recipe before has left: to start one takes a guest longer than most commands.
func (r *router) recipe(t *testing.T, commands []lab.Command) (outputs []string) {
	t.Helper()
	var hosts, script strings.Builder // namespaces last only when the first file system namespace gets them
	for _, c := range commands {
		if strings.HasPrefix(c.Text, "ip netns add ") {
			hosts.WriteString(c.Text)
			c.Text = "true\n"
		}
		fmt.Fprintf(&script, "{\n%s} 2>&1; echo \"%s$?\"\n", c.Text, ended)
	}
	const home = "/root/recipe"
	r.run(t, "/bbin/gosh", "-c", "rm -rf /run/bootlink /var/lib/bootlink "+home+"; mkdir "+home+"; PATH=/opt/iproute2\n"+
		"for ns in /run/netns/*; do ip netns del ${ns##*/} 2>/dev/null; done\n"+hosts.String()+"ip netns add router && ip -n router link set lo up")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	result, err := r.Run(ctx, iproute2, "netns", "exec", "router", "/bbin/gosh", "-c", "export PATH=/opt/iproute2:/bbin; cd "+home+"\n"+script.String())
	if err != nil {
		t.Fatal(err)
	}
	rest := result.Out
	for _, c := range commands {
		text, after, found := strings.Cut(rest, ended)
		if !found {
			t.Fatalf("%s: the shell ends at $ %s%s%s", c.Section, c.Text, rest, result.Err)
		}
		status, after, _ := strings.Cut(after, "\n")
		if status != "0" {
			text += "[status " + status + "]\n"
		}
		outputs, rest = append(outputs, text), after
	}
	return outputs
}
