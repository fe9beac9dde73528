// Interop reads what a city publishes, and writes what our verifier is to read, with the notes and
// logs of Go (golang.org/x/mod/sumdb): an implementation that nobody of this house wrote.
//
//	interop draw <folder> <records.vkey> <trust.policy>
//	interop log <log> <trust.policy> [<tlog-proof>…]
//	interop flips draw|log …
//	interop write <folder> <entries>
//
// The first two check; `flips` checks the same with every byte of every file read wrongly once, and
// wants each of these readings refused; the last signs. Exit codes: 0 all is well, 1 something is not.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

func main() {
	told, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(told)
}

func run(args []string) (string, error) {
	switch {
	case len(args) == 3 && args[0] == "write":
		entries, err := strconv.Atoi(args[2])
		if err != nil {
			return "", err
		}
		return write(args[1], entries)
	case len(args) > 2 && args[0] == "flips":
		return flip(args[2], func(from files) (string, error) { return check(from, args[1:]) })
	}
	return check(disk{}, args)
}

func check(from files, args []string) (string, error) {
	switch {
	case len(args) == 4 && args[0] == "draw":
		return checkDraw(from, args[1], args[2], args[3])
	case len(args) >= 3 && args[0] == "log":
		return checkLog(from, args[1], args[2], args[3:])
	}
	return "", errors.New("usage: interop draw | log | flips | write, as the source says")
}

// files are where everything is read from, so that a single byte can be read wrongly.
type files interface {
	read(path string) ([]byte, error)
}

type disk struct{}

func (disk) read(path string) ([]byte, error) {
	return os.ReadFile(path)
}

// disturbed reads one byte of one file wrongly.
type disturbed struct {
	path string
	at   int
}

func (d disturbed) read(path string) ([]byte, error) {
	bytes, err := os.ReadFile(path)
	if err == nil && path == d.path {
		// In the last letter of a hash or of a signature by the log this bit is one that base64
		// uses. Two others are not used, and Go reads past them, where our verifier refuses a second
		// spelling.
		bytes[d.at] ^= 4
	}
	return bytes, err
}
