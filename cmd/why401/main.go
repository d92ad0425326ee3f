// Command why401 reads the logs of servers and says why requests were refused,
// whether somebody is trying stolen passwords, and which credentials were
// written to a log.
package main

import "os"

func main() { os.Exit(run(os.Args[1:])) }
