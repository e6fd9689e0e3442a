package board

import (
	"errors"
	"strconv"
	"strings"

	"bootlink/nlcore/sysfile"
	"bootlink/rtcfg/conf"
	"bootlink/rtcfg/order"
)

// A draft is the beginning of a board's folder, from what a device tree says.
type draft struct {
	_ [0]func()

	tree      string
	processor []string // its ports: the node of each, and its phandle
	switched  string   // the [[port]] of each port of a switch
	conduit   string   // the phandle of the port that leads to them
	lan, wan  string   // the parts of router.toml
}

// New begins a folder for the board that a device tree describes.
func New(tree, folder string) error {
	if sysfile.Exists(folder) {
		return errors.New(folder + " is there: name another")
	}
	d := draft{tree: tree, lan: "version = 1\n\n[link.br-lan]\nkind = \"bridge\"\naddresses = [\"192.168.10.1/24\"]\n"}
	d.walk(tree, "")
	text := d.board()
	if err := sysfile.MakeFolder(folder); err != nil {
		return err
	}
	files := [...]string{"board.toml", text, "router.toml", d.lan + d.wan, "rescue.toml", d.lan,
		"README.md", "# " + folder + "\n\n**Hardware.**\n\n**Build and flash.**\n\n**Known faults.**\n"}
	for i := 0; i < len(files); i += 2 {
		if err := sysfile.Replace(folder+"/"+files[i], []byte(files[i+1])); err != nil {
			return err
		}
	}
	return nil
}

// walk looks at what is below a node; above is the last name of its path.
func (d *draft) walk(at, above string) {
	names, _ := sysfile.Names(at) // of a property: none
	order.Strings(names)
	for _, name := range names {
		below := at + "/" + name
		label, to := property(below+"/label"), property(below+"/ethernet")
		switch {
		case (strings.HasPrefix(name, "ethernet@") || strings.HasPrefix(name, "mac@")) && property(below+"/status") != "disabled":
			d.processor = order.Also(d.processor, below[len(d.tree):], property(below+"/phandle"))
		case !strings.HasSuffix(above, "ports") || label == "":
		case to == "":
			d.switched += d.port(label, "conduit = \"CONDUIT\"\n", false)
		case d.conduit == "":
			d.conduit = to
		}
		d.walk(below, name)
	}
}

// port gives a [[port]], and puts it into the bridge, or makes it the uplink.
func (d *draft) port(name, where string, uplink bool) string {
	role := "lan"
	if name == "wan" || uplink && d.wan == "" {
		role = "wan"
		d.wan = "\n[link." + name + "] # say where its addresses come from\n"
	} else {
		d.lan += "\n[link." + name + "]\nmaster = \"br-lan\"\n"
	}
	return "\n[[port]]\nname = \"" + name + "\"\nkernel = \"" + name + "\"\nrole = \"" + role + "\"\n" + where
}

// board gives board.toml. The kernel's names of the processor's ports are guessed.
func (d *draft) board() string {
	compatible, _, _ := strings.Cut(property(d.tree+"/compatible"), "\x00")
	ports, end, below := "", "", 0
	for i := 0; i < len(d.processor); i += 2 {
		if i+2 < len(d.processor) && strings.HasPrefix(d.processor[i+2], d.processor[i]+"/") {
			below += 2 // MediaTek's ports have a node each below one for all
			continue
		}
		name, node := "eth"+strconv.Itoa((i-below)/2), "node = \""+d.processor[i]+"\"\n"
		if d.conduit != "" && d.processor[i+1] == d.conduit {
			end = "\n[[conduit]]\nkernel = \"" + name + "\"\n" + node
			d.switched = strings.ReplaceAll(d.switched, "CONDUIT", name)
		} else {
			ports += d.port(name, node, i > 0 || d.conduit != "")
		}
	}
	title := conf.AppendString([]byte("title = "), property(d.tree+"/model")) // a model's name is any text
	return string(title) + "\ncompatible = [\"" + compatible +
		"\"]\ndtb = []\nmacs = \"\"\nrequires = [\"kind bridge\"]\n" + d.switched + ports + end
}
