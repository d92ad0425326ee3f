package engine

import "io"

// A Log is one input, not yet opened.
type Log struct {
	Name   string // as given or found; "-" for standard input
	Named  bool   // given by hand, not met in a folder or by a glob
	reader io.Reader
}

// A Skipped input was met but can't be read as a log.
type Skipped struct {
	Name  string
	Named bool  // by hand: deserves exit status 2
	Err   error // what to tell, with a next step
}

// Open expands files, folders, globs with ** and "-" (stdin) into logs, in order,
// each once. No argument means "-". Files met in a folder or by a glob that
// aren't text are skipped.
func Open(args []string, stdin io.Reader) (logs []Log, skipped []Skipped) { return nil, nil }
