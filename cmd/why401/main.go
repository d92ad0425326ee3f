// Command why401 reads the logs of servers and says why requests were refused,
// whether somebody is trying stolen passwords, and which credentials were
// written to a log.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	collect(400) // what the start allocates stays: a collection would find nothing
	os.Exit(run(os.Args[1:]))
}

// collect sets how much the heap may grow before garbage is collected, in
// percent, unless the user has set it.
func collect(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// collectOften is for runs that remember clients and names: collecting at 40
// percent takes a quarter off their memory and costs no time that shows.
func collectOften() { collect(40) }
