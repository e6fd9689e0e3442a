package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completed is what a shell makes of "bootlink " and these words.
type completed func(t *testing.T, env []string, script string, words []string) []string

// shells are run with their own machinery.
var shells = map[string]completed{
	"bash": func(t *testing.T, env []string, script string, words []string) []string {
		return shellLines(t, env, "bash", "--norc", "-c", `source "$1"; shift; COMP_WORDS=(bootlink "$@"); COMP_CWORD=$#; _bootlink; printf '%s\n' "${COMPREPLY[@]}"`, "-", script, words)
	},
	"zsh": func(t *testing.T, env []string, script string, words []string) []string {
		// Completion of zsh runs in its line editor only: these stand for it.
		return shellLines(t, env, "zsh", "-f", "-c", `compdef() {}; compadd() { print -l -- ${(P)2}; }; _files() {}; source "$1"; shift; words=(bootlink "$@"); CURRENT=$#words; _bootlink`, "-", script, words)
	},
	"fish": func(t *testing.T, env []string, script string, words []string) []string {
		return shellLines(t, env, "fish", "--no-config", "-c", `source $argv[1]; complete -C"bootlink "(string join " " -- $argv[2..])`, "--", script, words)
	},
}

func shellLines(t *testing.T, env []string, shell, flag, c, text, dash, script string, words []string) []string {
	t.Helper()
	cmd := exec.Command(shell, append([]string{flag, c, text, dash, script}, words...)...)
	if dash == "--" { // fish gives it to nobody
		cmd = exec.Command(shell, append([]string{flag, c, text, script}, words...)...)
	}
	cmd.Env = env
	o := finish(t, cmd)
	if o.stderr != "" {
		t.Errorf("%s %q: %s", shell, words, o)
	}
	return strings.Fields(o.stdout)
}

// Each shell completes commands, flags and the words of flags.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(dir, "bootlink")); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir, "XDG_CONFIG_HOME="+dir)
	for shell, complete := range shells {
		script := filepath.Join(dir, shell)
		if err := os.WriteFile(script, []byte(bootlink(t, "completion", shell).stdout), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			words []string
			want  string
		}{
			{[]string{"pl"}, "plan"},
			{[]string{"re"}, "reload"},
			{[]string{"help", "ex"}, "export"},
			{[]string{"apply", "--max"}, "--max-disruption"},
			{[]string{"apply", "--max-disruption", "d"}, "down detach"},
			{[]string{"status", "--d"}, "--dot"},
			{[]string{"completion", "z"}, "zsh"},
		} {
			got := complete(t, env, script, c.words)
			slices.Sort(got)
			want := strings.Fields(c.want)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: bootlink %q gives %q; want %q", shell, c.words, got, want)
			}
		}
		if all := complete(t, env, script, []string{""}); !slices.Contains(all, "status") || slices.Contains(all, "keep") || slices.Contains(all, "complete") {
			t.Errorf("%s: the commands are %q", shell, all)
		}
	}
	if o := bootlink(t, "completion", "csh"); o.code != exitUsage || !strings.Contains(o.stderr, "bash, zsh or fish") {
		t.Errorf("%s", o)
	}
}
