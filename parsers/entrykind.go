package parsers

import "bytes"

// A kind says how a line can continue an entry.
type kind uint8

const (
	starts    kind = iota // it never does
	blank                 // no text
	indented              // it begins with a space or tab
	exception             // a class name that says so: "a.b.CException: message"
	name                  // a name, alone or before a colon: the last line of a Python traceback
	caused                // "Caused by: ", "... 23 more"
	traceback             // "Traceback (most recent call last):"
	chained               // "During handling of the above exception, ..."
	goroutine             // "goroutine 1 [running]:", "created by ", "exit status 2"
	goFrame               // "main.f(0x0)"
	phpTrace              // "[stacktrace]", "Stack trace:"
	phpFrame              // "#0 /path"
	closing               // "}"
	bullet                // "- The token is expired"
	ginError              // "Error #01: token is expired"
	julLevel              // "WARNING: message"
	block                 // of CAS's audit trail: "CLIENT IP ADDRESS: ", a rule
)

// alone reports whether a line of this kind that continues nothing stands for
// itself: what follows is not joined to it.
func (k kind) alone() bool {
	switch k {
	case indented, caused, chained, goroutine, goFrame, phpTrace, phpFrame, closing, bullet:
		return true
	}
	return false
}

// kindOf tells the kind of a line from its text, wrappers taken off.
func kindOf(b []byte) kind {
	if len(b) == 0 {
		return blank
	}
	switch c := b[0]; c {
	case ' ', '\t', '\r':
		t := trimSpaces(b)
		if len(t) == 0 || t[0] == '\r' && len(t) == 1 {
			return blank
		}
		if len(b)-len(t) <= 2 && headAfterIndent(t) {
			return starts
		}
		return indented
	case '}', ')', ']', '"':
		if len(b) <= 3 || c == '"' && b[1] == '}' {
			return closing
		}
	case '#':
		if len(b) > 2 && b[1]-'0' <= 9 {
			return phpFrame
		}
	case '[':
		if bytes.HasPrefix(b, []byte("[stacktrace]")) || bytes.HasPrefix(b, []byte("[previous exception]")) {
			return phpTrace
		}
		if bytes.HasPrefix(b, []byte("[signal ")) {
			return goroutine
		}
	case '=':
		if len(b) > 20 && string(b[:20]) == "====================" {
			return block
		}
	case '>':
		if len(b) == 1 {
			return block
		}
	case '.':
		if bytes.HasPrefix(b, []byte("... ")) {
			return caused
		}
	case '-':
		if bytes.HasPrefix(b, []byte("--- End of ")) {
			return caused
		}
		if len(b) > 3 && b[1] == ' ' && b[2]-'A' < 26 {
			return bullet
		}
	default:
		if c|0x20-'a' < 26 || c == '_' || c == '\\' {
			return kindOfWord(b)
		}
	}
	return starts
}

// headAfterIndent reports whether a line that a little space precedes is a head
// all the same: layouts that pad levels on their left.
func headAfterIndent(t []byte) bool {
	i := 0
	for i < len(t) && t[i]-'A' < 26 {
		i++
	}
	if i >= 4 && i <= 8 && i < len(t) && (t[i] == ' ' || t[i] == '[' || t[i] == ':') {
		return isLevel(t[:i])
	}
	return len(t) > 11 && t[0]-'0' <= 9 && t[4] == t[7] && (t[4] == '-' || t[4] == '/') && (t[10] == ' ' || t[10] == 'T')
}

// kindOfWord tells the kind of a line that begins with a letter.
func kindOfWord(b []byte) kind {
	switch b[0] {
	case 'C':
		if bytes.HasPrefix(b, []byte("Caused by: ")) {
			return caused
		}
		if bytes.HasPrefix(b, []byte("CLIENT IP ADDRESS: ")) {
			return block
		}
	case 'U':
		if bytes.HasPrefix(b, []byte("USER-AGENT: ")) {
			return block
		}
	case 'S':
		if bytes.HasPrefix(b, []byte("SERVER IP ADDRESS: ")) {
			return block
		}
		if bytes.HasPrefix(b, []byte("Suppressed: ")) {
			return caused
		}
		if bytes.HasPrefix(b, []byte("Stack trace:")) {
			return phpTrace
		}
	case 'D':
		if bytes.HasPrefix(b, []byte("During handling of the above exception")) {
			return chained
		}
	case 'T':
		if bytes.HasPrefix(b, []byte("Traceback (most recent call last)")) {
			return traceback
		}
		if bytes.HasPrefix(b, []byte("The above exception was the direct cause")) {
			return chained
		}
	case 'P':
		if bytes.HasPrefix(b, []byte("PHP Stack trace:")) || bytes.HasPrefix(b, []byte("PHP   ")) {
			return phpTrace
		}
	case 'g':
		if bytes.HasPrefix(b, []byte("goroutine ")) {
			return goroutine
		}
	case 'c':
		if bytes.HasPrefix(b, []byte("created by ")) {
			return goroutine
		}
	case 'e':
		if bytes.HasPrefix(b, []byte("exit status ")) {
			return goroutine
		}
	case 'E':
		if bytes.HasPrefix(b, []byte("Error #")) {
			return ginError
		}
	}
	i, dots, last := 0, 0, 0
	for ; i < len(b); i++ {
		c := b[i]
		if isWord(c) || c == '$' {
			continue
		}
		if c == '.' || c == '\\' || c == ':' && i+2 < len(b) && b[i+1] == ':' && isWord(b[i+2]) {
			if c == ':' {
				i++
			}
			dots, last = dots+1, i+1
			continue
		}
		if c == '/' || c == '-' || c == '*' || c == '(' && i+1 < len(b) && b[i+1] == '*' {
			// of a Go import path: net/http.(*conn).serve(...)
			if j := bytes.IndexByte(b[i:], '('); j > 0 && b[len(b)-1] == ')' && bytes.IndexByte(b[:i+j], ' ') < 0 && bytes.IndexByte(b[:i+j], '.') > 0 {
				return goFrame
			}
		}
		break
	}
	rest := b[i:]
	if len(rest) > 0 && rest[0] == '(' && dots > 0 && b[len(b)-1] == ')' {
		return goFrame
	}
	ends := len(rest) == 0 || rest[0] == ':' && (len(rest) == 1 || rest[1] == ' ') || len(rest) == 1 && rest[0] == '\r'
	word := b[last:i]
	if isExceptionName(word) && (ends || len(rest) > 2 && rest[0] == ' ' && rest[1] == '[') {
		return exception
	}
	if !ends || len(word) == 0 {
		return starts
	}
	if dots == 0 && isLevel(word) {
		if len(rest) > 2 && rest[2] != ' ' && isJULLevel(word) {
			return julLevel
		}
		return starts
	}
	if dots > 0 && word[0]-'A' < 26 {
		return exception
	}
	return name
}

// isExceptionName reports whether the last part of a class name says that it is
// an exception.
func isExceptionName(w []byte) bool {
	if len(w) < 4 || w[0]-'A' > 25 || string(w) == "Warning" { // that is a level
		return false
	}
	for _, suffix := range [...]string{"Exception", "Error", "Throwable", "Fault", "Failure", "Interrupt", "Timeout", "Warning"} {
		if len(w) >= len(suffix) && string(w[len(w)-len(suffix):]) == suffix {
			return true
		}
	}
	return false
}

func isJULLevel(w []byte) bool {
	switch string(w) {
	case "SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST":
		return true
	}
	return false
}
