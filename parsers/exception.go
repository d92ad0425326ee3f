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
	case bytes.HasPrefix(line, []byte("Exception in thread ")):
		_, words, ok := bytes.Cut(line, []byte("\" "))
		if !ok {
			return false
		}
		line = words
	case bytes.HasPrefix(line, []byte("panic: ")), bytes.HasPrefix(line, []byte("Uncaught ")), bytes.HasPrefix(line, []byte("Unhandled ")):
	default:
		return false
	}
	if kindOf(line) == exception {
		r.ErrorType = exceptionClass(line)
	}
	if rest != nil {
		r.properties(rest)
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

// exceptionClass returns the class that a line of kind exception begins with.
func exceptionClass(line []byte) []byte {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ':':
			if i+1 < len(line) && line[i+1] == ':' {
				i++
				continue
			}
			return line[:i]
		case ' ', '[', '\r':
			return line[:i]
		}
	}
	return line
}

// properties reads what Node prints of an error's own fields behind its frames:
// "  code: 'invalid_token'," and "  status: 401".
func (r *Record) properties(b []byte) {
	for range 64 {
		line, rest := cutByte(b, '\n')
		key, value, ok := bytes.Cut(trimSpaces(line), []byte(": "))
		value = bytes.Trim(value, "'\",} \r")
		switch {
		case !ok || len(value) == 0:
		case string(key) == "code" && r.Code == nil && bytes.IndexByte(value, ' ') < 0:
			r.Code = value
		case (string(key) == "status" || string(key) == "statusCode") && r.Status == 0:
			r.Status = parseStatus(value)
		}
		if rest == nil {
			return
		}
		b = rest
	}
}
