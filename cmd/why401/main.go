// Command why401 reads the logs of servers and says why requests were refused,
// whether somebody is trying stolen passwords, and which credentials were
// written to a log.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// Most memory holds what is known of clients and names. Collecting
		// more often takes a quarter off and costs no time that shows.
		debug.SetGCPercent(40)
	}
	os.Exit(run(os.Args[1:]))
}
