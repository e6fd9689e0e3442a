// Start starts a command in the background and returns:
//
//	start bootlink run
//
// It is /bin/uinit of the image, so that u-root's init goes on to a shell on the
// console, which is there whatever becomes of the command.
//
// Init runs one command after another, each as the leader of a session with
// the console as its terminal. A leader that ends while it has a terminal takes
// that away from everybody: the kernel hangs it up, and the output of all
// commands that init runs later goes nowhere. So the terminal is given up first.
package main
