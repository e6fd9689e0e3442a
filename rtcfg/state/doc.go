// Package state keeps what is ours between two runs: the links and addresses
// that we made, and how attributes and settings were before we first changed
// them. It is one small JSON file in a folder that does not outlive the boot
// (/run/bootlink), because what it describes does not either.
package state
