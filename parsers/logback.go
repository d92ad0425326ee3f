package parsers

import "bytes"

var _ = register(Parser{
	Name: "logback",
	Doc: `Logback and log4j
stamp [thread] LEVEL logger - words, or with level and thread the other way round:
the layouts that Logback and log4j start with, of Java, Kotlin and Scala
(https://logback.qos.ch/manual/layouts.html).`,
	First: "0123456789",
	Order: 120,
	Parse: parseLogback,
})

func parseLogback(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 24 || t[2] != ':' && (t[4] != '-' || t[7] != '-') {
		return false
	}
	var stamp Stamp
	var n int
	if t[2] == ':' {
		stamp, n = s.TimeOfDay(t)
	} else {
		stamp, n = s.ISO(t)
	}
	if n == 0 {
		return false
	}
	rest := trimSpaces(t[n:])
	var level []byte
	var within [4][]byte // thread and context, in brackets
	n = 0
	for n < len(within) {
		if level == nil {
			if l, after := takeLevel(rest); l != nil {
				level, rest = l, trimSpaces(after)
				continue
			}
		}
		if len(rest) == 0 || rest[0] != '[' {
			break
		}
		end := bytes.IndexByte(rest[:min(len(rest), 200)], ']')
		if end < 2 {
			return false
		}
		within[n], rest = rest[1:end], trimSpaces(rest[end+1:])
		n++
	}
	if level == nil || n == 0 {
		return false
	}
	// The logger, and perhaps a context in brackets, before the words.
	logger, words := cutByte(rest, ' ')
	for {
		words = trimSpaces(words)
		if len(words) > 3 && (words[0] == '-' || words[0] == ':') && (words[1] == ' ' || words[1] == '-' && words[2] == ' ') {
			words = trimSpaces(words[2:])
			break
		}
		if len(words) > 1 && words[0] == '[' {
			if end := bytes.IndexByte(words[:min(len(words), 200)], ']'); end > 0 && n < len(within) {
				within[n], words = words[1:end], words[end+1:]
				n++
				continue
			}
		}
		return false
	}
	if !isLoggerName(logger) {
		return false
	}
	stamp.Set(r)
	r.Level, r.Logger = level, logger
	for _, in := range within[:n] {
		if isContext(in) || len(in) >= 16 && isID(in) {
			r.context(in)
		}
	}
	r.pick(words, s)
	return true
}

// takeLevel splits a level off the start of b.
func takeLevel(b []byte) (level, rest []byte) {
	n := 0
	for n < len(b) && n < 14 && (b[n]|0x20-'a' < 26) {
		n++
	}
	if n < len(b) && b[n] == ' ' && isLevel(b[:n]) {
		return b[:n], b[n+1:]
	}
	return nil, b
}

// leadingLevel returns the level that a line without a stamp begins with: "WARN ",
// "ERROR: ", "[warning] ". Small letters without brackets are a sentence's own, and
// "Error: " is an exception's class.
func leadingLevel(b []byte) (level []byte) {
	brackets := len(b) > 0 && b[0] == '['
	if brackets {
		b = b[1:]
	}
	n := 0
	for n < len(b) && n < 14 && (b[n]-'A' < 26 || brackets && b[n]-'a' < 26) {
		n++
	}
	if n == len(b) || !isLevel(b[:n]) || brackets && b[n] != ']' || !brackets && b[n] != ':' && b[n] != ' ' {
		return nil
	}
	return b[:n]
}
