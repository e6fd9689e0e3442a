// Package control is the socket by which other processes speak to `bootlink run`:
// a stream socket of the file system, mode 0600. A client sends one line, a word and
// what belongs to it, and gets text until the end of the stream.
//
// Nobody can hold the daemon up: requests and clients are bounded, each has a time
// limit, and who does not read is dropped. Only root, and the user that the daemon
// runs as, are served (SO_PEERCRED, unix(7)).
//
// It does without package net, which would be a tenth of the program.
package control
