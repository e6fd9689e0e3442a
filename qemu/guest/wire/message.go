package wire

// PortName is the name of the virtio-serial port, as virtserialport's name= has it.
const PortName = "agent"

// Booted is the text of the first message from the agent.
const Booted = "booted"

// TimedOut is the exit code of a command that was killed because its time was
// up, the same as timeout(1) has.
const TimedOut = 124

// A Request asks for one thing: exactly one of Argv, File, Start, Kill and
// Output is set.
type Request struct {
	// ID comes back in the response. It should be unique while in flight.
	ID int64 `json:"id"`

	// Argv is a command to run to its end; the response has its code and output.
	Argv []string `json:"argv,omitempty"`
	// In is its standard input.
	In Text `json:"in,omitempty"`
	// Timeout is in seconds; when it is over the command's process group is
	// killed and the code is TimedOut. 0 means no limit.
	Timeout float64 `json:"timeout,omitempty"`

	// File is the path of a file to write; missing folders are made. The new
	// file takes the old one's place at once, even if that is running.
	File string `json:"file,omitempty"`
	// Data is its content, in base64 on the wire.
	Data []byte `json:"data,omitempty"`
	// Mode is its permission bits; 0 means 0644.
	Mode uint32 `json:"mode,omitempty"`

	// Start is a command to start; the response has its process ID.
	Start []string `json:"start,omitempty"`

	// Kill is the process ID of a started command. Its process group gets the
	// Signal; the response comes at once, Output tells when it has ended.
	Kill int `json:"kill,omitempty"`
	// Signal is a signal's number; 0 means SIGTERM.
	Signal int `json:"signal,omitempty"`

	// Output is the process ID of a started command; the response has all that
	// it has written so far.
	Output int `json:"output,omitempty"`
	// Wait makes Output wait for the command's end, for at most Timeout.
	Wait bool `json:"wait,omitempty"`
}

// A Response answers the request with the same ID, or is the hello.
type Response struct {
	// Hello is set in the first message only.
	Hello string `json:"hello,omitempty"`

	ID int64 `json:"id,omitempty"`
	// Code is the exit status; 128 and the signal's number after a signal.
	Code int `json:"code"`
	// Out and Err are what came on standard output and standard error.
	Out Text `json:"out,omitempty"`
	Err Text `json:"err,omitempty"`
	// PID answers Start.
	PID int `json:"pid,omitempty"`
	// Running answers Output: the command has not ended, Code means nothing.
	Running bool `json:"running,omitempty"`
	// Fail is why the agent could not do what was asked for; empty if it did.
	// A command that ran and exited with a code is no such failure.
	Fail string `json:"fail,omitempty"`
}
