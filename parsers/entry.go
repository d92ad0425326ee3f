package parsers

import "bytes"

// An entry is the lines of one record as they are gathered. How lines belong
// together is a function of the lines alone: a line for which Starts is true
// never continues an entry, and only what is known to continue one does.
type entry struct {
	at, end int   // of its lines in the block, without the last line ending
	line    int64 // number of its first line
	lines   int
	blanks  int    // blank lines since its last line
	plain   bool   // its text lies in the block as it is
	simple  bool   // nothing but what start sets was touched
	head    []byte // text of its first line
	pieces  [][]byte
	wraps   wrapping
	mem     []byte // holds texts that had to be decoded
	last    kind
	partial bool // the last piece goes on in the next line

	stamped   bool // its head is a whole line of a log, so a bare exception can follow
	whole     bool // its head is a JSON object: nothing follows
	excepted  bool // an exception stands on a line of its own
	traced    bool // frames were seen
	traceback int8 // Python: 1 until its last line, 2 after it
	goroutine bool
	php       bool
}

func (e *entry) reset() {
	if e.simple { // start sets all that it may have
		e.lines, e.blanks = 0, 0
		return
	}
	*e = entry{pieces: e.pieces[:0], mem: e.mem[:0]}
}

// start begins the entry with a plain line.
func (e *entry) start(text []byte, at, end int, number int64) {
	e.at, e.end, e.line, e.lines, e.blanks = at, end, number, 1, 0
	e.head, e.plain, e.simple = text, true, true
	e.last = starts
}

// begin begins the entry with any line.
func (e *entry) begin(ln *line, raw []byte, at, end int, number int64) {
	e.start(ln.text, at, end, number)
	e.simple = false
	e.plain = ln.wraps.n == 0 && len(ln.text) == len(raw)
	e.wraps, e.last, e.partial = ln.wraps, ln.kind, ln.partial
	e.pieces = append(e.pieces[:0], ln.text)
	if ln.kind == traceback {
		e.traceback, e.stamped = 1, false
	}
}

// add appends a line that continues the entry.
func (e *entry) add(ln *line, end int, number int64) {
	if len(e.pieces) == 0 {
		e.pieces = append(e.pieces, e.head)
	}
	if e.partial {
		last := &e.pieces[len(e.pieces)-1]
		n := len(e.mem)
		e.mem = append(append(e.mem, *last...), ln.text...)
		*last = e.mem[n:]
		if len(e.pieces) == 1 {
			e.head = *last
		}
	} else {
		for range e.blanks {
			e.pieces = append(e.pieces, nil)
		}
		e.pieces = append(e.pieces, ln.text)
		e.last = ln.kind
	}
	e.plain = e.plain && ln.wraps.n == 0
	e.blanks = 0
	e.end, e.lines, e.partial = end, int(number-e.line)+1, ln.partial
}

// text returns the entry's text: its place in the block where it stands there as it is.
func (e *entry) text(raw []byte, s *Scratch) []byte {
	switch {
	case e.lines == 1 || len(e.pieces) == 1:
		return trimSpaces(e.head)
	case e.plain && bytes.IndexByte(raw, '\r') < 0:
		return trimSpaces(raw)
	}
	n := len(s.buf)
	for i, p := range e.pieces {
		if i > 0 {
			s.buf = append(s.buf, '\n')
		}
		s.buf = append(s.buf, p...)
	}
	return trimSpaces(s.buf[n:])
}

func trimSpaces(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// joins reports whether ln continues the entry, and notes what follows from it.
func (e *entry) joins(ln *line) bool {
	e.simple = false
	if ln.wraps.n+e.wraps.n > 0 && !ln.wraps.same(&e.wraps) {
		return false
	}
	if e.partial {
		return !firmStart(ln.text)
	}
	if ln.kind == starts || ln.kind == blank {
		return false
	}
	if e.lines == 1 {
		e.judgeHead()
	}
	if e.whole {
		return false
	}
	afterHead := e.lines == 1 || e.lines == 1+e.blanks
	switch ln.kind {
	case indented:
		if e.blanks > 0 && !e.stamped && !e.traced && e.traceback != 1 {
			return false
		}
		e.traced = true
		return true
	case block:
		return e.auditTrail()
	case exception, name:
		if ln.kind == name && e.auditTrail() {
			return true
		}
		if e.traceback == 1 && e.last == indented && e.blanks == 0 {
			e.traceback = 2
			return true
		}
		if ln.kind == exception && e.stamped && !e.excepted && afterHead {
			e.excepted = true
			return true
		}
		return false
	case caused:
		return e.stamped || e.traced || e.excepted
	case traceback:
		if e.traceback == 0 && e.stamped || e.traceback == 3 {
			e.traceback = 1
			return true
		}
		return false
	case chained:
		if e.traceback != 2 {
			return false
		}
		e.traceback = 3
		return true
	case goroutine:
		e.goroutine = e.goroutine || e.stamped || bytes.HasPrefix(e.head, []byte("panic: ")) || bytes.HasPrefix(e.head, []byte("fatal error: "))
		return e.goroutine
	case goFrame:
		return e.goroutine
	case phpTrace:
		e.php = true
		return true
	case phpFrame:
		e.php = e.php || e.stamped
		return e.php
	case closing:
		return e.blanks == 0 && (e.traced || e.php || opens(e.head))
	case bullet:
		return e.stamped && e.blanks == 0
	case ginError:
		return e.stamped && e.blanks == 0 && bytes.Contains(e.head, []byte(" | "))
	case julLevel:
		return afterHead && e.blanks == 0 && isJULHead(e.head)
	}
	return false
}

// judgeHead looks at the first line, now that a line might continue it.
func (e *entry) judgeHead() {
	h := trimSpaces(e.head)
	if len(h) == 0 || e.traceback > 0 {
		return
	}
	e.excepted = e.last == exception // "TokenExpiredError: jwt expired" is followed by another, not continued
	end := h[len(h)-1]
	e.whole = h[0] == '{' && end == '}'
	switch c := h[0]; {
	case c-'0' <= 9, c == '[':
		e.stamped = true
	case e.wraps.names[max(0, e.wraps.n-1)] == wrapSyslog && e.wraps.n > 0:
		e.stamped = true
	case e.last == starts:
		word := h[:min(len(h), 24)]
		if i := bytes.IndexAny(word, " :[="); i > 0 {
			e.stamped = isLevel(word[:i]) || h[i] == '=' || month(h) > 0 && i == 3
		}
		e.stamped = e.stamped || len(h) > 6 && h[1]-'0' <= 9 && h[2]-'0' <= 9 && h[5] == ' ' || h[0] < 'z' && len(h) > 3 && h[1] == ',' && h[2] == ' '
	}
}

// auditTrail reports whether the entry is one of Apereo CAS's, of a line for each field.
func (e *entry) auditTrail() bool { return bytes.HasSuffix(e.head, auditBegin) }

var auditBegin = []byte("Audit trail record BEGIN")

func opens(head []byte) bool {
	if len(head) == 0 {
		return false
	}
	c := head[len(head)-1]
	return c == '{' || c == '[' || c == '('
}

// isJULHead reports whether b is the first of java.util.logging's two lines:
// "Mar 14, 2026 9:26:53 AM class method".
func isJULHead(b []byte) bool {
	var c Clock
	_, n := c.MonthDayYear(b)
	return n > 0
}

// Starts reports whether text surely starts an entry: whether a block may be cut
// before it. Prev is the line before as it stands, nil where there is none; of
// what precedes it nothing needs to be known, as only a line in pieces goes on
// whatever the next line looks like.
func Starts(prev, text []byte) bool {
	if len(text) > 0 && text[0] == '#' && bytes.HasPrefix(text, fieldsHead) && bytes.HasPrefix(prev, dateHead) {
		return false // they are one header
	}
	text = bytes.TrimSuffix(text, []byte{'\r'})
	if plain(text) && bytes.IndexByte(text, 0x1b) < 0 {
		return true
	}
	var ln line
	ln.unwrap(text, nil, true)
	if prev != nil && ln.wraps.pieces() {
		prev = bytes.TrimPrefix(bytes.TrimSuffix(prev, []byte{'\r'}), []byte(byteOrderMark))
		var before line
		before.unwrap(prev, nil, true)
		if before.partial && before.wraps.same(&ln.wraps) {
			return firmStart(ln.text)
		}
	}
	return ln.kind == starts
}

// StandsAlone reports whether text surely is an entry of one line, whatever comes next: a JSON
// object. Who follows a log needn't wait for more of it.
func StandsAlone(text []byte) bool {
	text = bytes.TrimSuffix(text, []byte{'\r'})
	if n := len(text); n == 0 || text[0] != '{' || text[n-1] != '}' {
		return false
	}
	var ln line
	ln.unwrap(text, nil, true)
	return ln.wraps.n == 0 && ln.kind == starts
}

// firmStart reports whether b can hardly be the rest of a line that was cut in
// pieces: it begins with a whole time stamp, an address, or a JSON key.
func firmStart(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	var c Clock
	switch {
	case b[0] == '{':
		return b[1] == '"' && b[2]|0x20-'a' < 26 || b[1] == '"' && b[2] == '@'
	case b[0]-'0' <= 9:
		if _, n := c.ISO(b); n > 0 {
			return true
		}
		i := bytes.IndexByte(b[:min(len(b), 46)], ' ')
		return i > 0 && isAddress(b[:i])
	case b[0] == '[':
		_, n := c.Any(b[1:], false)
		return n > 0
	}
	return false
}

// plain reports whether a line is unwrapped and starts an entry, as far as its
// first bytes tell at once: the common case, and the only one that must be fast.
func plain(b []byte) bool {
	if len(b) < 12 {
		return false
	}
	switch plainFirst[b[0]] {
	case 1:
		return true
	case 2: // a digit: a date may head a CRI or syslog line
		return b[10] != 'T' || b[4] != '-' || stampThenLevel(b)
	case 4: // a small letter: of logfmt
		return b[4] == '=' || b[2] == '=' || b[5] == '=' || b[1] == '='
	case 3: // a brace: Docker's "log" comes first
		return b[1] == '"' && (b[2] != 'l' || b[5] != '"')
	}
	return false
}

// stampThenLevel reports whether a level follows the date that heads b, or no
// word at all: then it is no wrapper's.
func stampThenLevel(b []byte) bool {
	if len(b) < 44 {
		return false
	}
	i := 19
	for i < 36 && b[i] != ' ' {
		i++
	}
	switch c := b[i+1]; {
	case c == ' ' || c == '[':
		return b[i] == ' '
	case c-'A' > 25 || b[i] != ' ':
		return false
	}
	n := i + 1
	for n < i+7 && b[n]-'A' < 26 {
		n++
	}
	return b[n] == ' ' && isLevel(b[i+1:n])
}

var plainFirst = func() (t [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		t[c] = 2
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] = 4
	}
	t['{'] = 3
	for _, c := range "(*/@$>:" {
		t[c] = 1
	}
	return t
}()
