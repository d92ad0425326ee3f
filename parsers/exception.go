package parsers

import "bytes"

var _ = register(Parser{
	Name: "exception",
	Doc: `An exception on a line of its own
What a program without logging prints when it fails: "a.b.CError: words", a Python
traceback, a Go panic, with the frames that follow.`,
	First: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_\\",
	Order: 910,
	Parse: parseException,
})

func parseException(r *Record, s *Scratch) bool {
	line, rest := cutByte(r.Text, '\n')
	switch k := kindOf(line); {
	case k == traceback:
		last := lastPlainLine(rest)
		if last == nil {
			return false
		}
		line = last
	case k == exception:
	case bytes.HasPrefix(line, []byte("panic: ")), bytes.HasPrefix(line, []byte("Uncaught ")), bytes.HasPrefix(line, []byte("Unhandled ")):
	default:
		return false
	}
	if i := bytes.IndexAny(line, ": ["); i > 0 && kindOf(line) == exception {
		for i+2 < len(line) && line[i] == ':' && line[i+1] == ':' { // a::b
			j := bytes.IndexAny(line[i+2:], ": [")
			if j < 0 {
				i = len(line)
				break
			}
			i += 2 + j
		}
		r.ErrorType = line[:i]
	} else if i < 0 {
		r.ErrorType = line
	}
	r.pick(r.Text, s)
	return true
}

// lastPlainLine returns the last line of b that isn't indented: where a Python
// traceback says what happened.
func lastPlainLine(b []byte) []byte {
	for len(b) > 0 {
		i := bytes.LastIndexByte(b, '\n')
		line := b[i+1:]
		if len(line) > 0 && line[0] != ' ' && line[0] != '\t' {
			return line
		}
		b = b[:max(i, 0)]
	}
	return nil
}
