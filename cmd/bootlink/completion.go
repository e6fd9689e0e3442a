package main

import (
	"fmt"
	"strings"

	"bootlink/nlcore"
	"bootlink/nlcore/until"
)

// The scripts ask the program itself for what may come next, so they never grow old.
const (
	bashScript = `_bootlink() {
	local IFS=$'\n'
	COMPREPLY=($(bootlink complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _bootlink bootlink
`
	zshScript = `#compdef bootlink
_bootlink() {
	local -a list
	list=(${(f)"$(bootlink complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
	((${#list})) && compadd -a list || _files
}
compdef _bootlink bootlink
`
	fishScript = `function __bootlink
	bootlink complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c bootlink -f -a '(__bootlink)'
complete -c bootlink -F -n 'not count (__bootlink) >/dev/null'
`
)

func completion(_ until.Context, in *invocation) error {
	script := ""
	switch shell := in.word(0); shell {
	case "bash":
		script = bashScript
	case "zsh":
		script = zshScript
	case "fish":
		script = fishScript
	default:
		return usagef("no completion for %q: name bash, zsh or fish", shell)
	}
	_, err := fmt.Fprint(in.stdout, script)
	return err
}

// complete lists what the last word may become, a line each; nothing stands for names of
// files.
func complete(_ until.Context, in *invocation) error {
	words := in.line.words
	last, before := "", ""
	if n := len(words); n > 0 {
		last = words[n-1]
		if n > 1 {
			before = words[n-2]
		}
	}
	say := func(list ...string) {
		for _, word := range list {
			if strings.HasPrefix(word, last) {
				fmt.Fprintln(in.stdout, word)
			}
		}
	}
	if len(words) < 2 || before == "help" {
		say(commandNames()...)
		return nil
	}
	c := lookup(words[0])
	if c == nil {
		return nil
	}
	o := c.option(strings.TrimLeft(before, "-"))
	switch {
	case strings.HasPrefix(before, "-") && o != nil && o.arg != "":
		if strings.Contains(o.arg, "|") {
			say(strings.Split(o.arg, "|")...)
		}
	case strings.HasPrefix(last, "-"):
		for _, o := range c.options() {
			say(o.dashed())
		}
	case c.args == "SHELL":
		say("bash", "zsh", "fish")
	case c.args == "BUS":
		for _, b := range nlcore.Buses() {
			if b.Name != "" {
				say(b.Name)
			}
		}
	}
	return nil
}
