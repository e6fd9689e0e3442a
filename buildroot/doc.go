// Package buildroot is Go only for its tests: they check, without Buildroot, that
// Buildroot will take the tree in this folder, and the files of dist/. test-buildroot
// asks a checkout of it. README.md is for who builds an image.
package buildroot
