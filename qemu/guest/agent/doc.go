// Agent does in the guest what a test asks for: run commands, start and kill
// them, write files. Package wire has the protocol.
//
// In the test image it is /bbin/uinit, the first command that u-root's init
// runs. It has itself started again in a session of its own and returns, so that
// init goes on to what the image is for. (/inito would not do: init gives that
// one a PID namespace, and all in it dies when its first process ends.)
//
// With -stdio it serves standard input and output, which is how to try it by hand.
package main
