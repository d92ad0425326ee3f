package parsers

import "bytes"

// Small readers that layouts share. None allocates, none keeps what it is given.

// cutWord reads up to the next space; rest starts after it.
func cutWord(b []byte) (word, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

// cutQuoted reads a string in double quotes at the start of b: its text, with
// escapes kept (a backslash guards the byte after it), and what follows the
// closing quote.
func cutQuoted(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, b, false
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '"':
			return b[1:i], b[i+1:], true
		case '\\':
			i++
		}
	}
	return nil, b, false
}

// cutBracket reads "[text]" at the start of b, up to the first closing bracket,
// and the one space that may follow.
func cutBracket(b []byte) (text, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '[' {
		return nil, b, false
	}
	i := bytes.IndexByte(b, ']')
	if i < 0 {
		return nil, b, false
	}
	rest = b[i+1:]
	if len(rest) > 0 && rest[0] == ' ' {
		rest = rest[1:]
	}
	return b[1:i], rest, true
}

// hasPrefix reports whether b starts with prefix.
func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// after returns what follows the first mark in b, nil where there is none.
func after(b []byte, mark string) []byte {
	if i := bytes.Index(b, []byte(mark)); i >= 0 {
		return b[i+len(mark):]
	}
	return nil
}

// afterLast returns what follows the last mark in b, nil where there is none.
func afterLast(b []byte, mark string) []byte {
	if i := bytes.LastIndex(b, []byte(mark)); i >= 0 {
		return b[i+len(mark):]
	}
	return nil
}

// upTo returns b up to the first mark, or all of it where there is none.
func upTo(b []byte, mark string) []byte {
	if i := bytes.Index(b, []byte(mark)); i >= 0 {
		return b[:i]
	}
	return b
}

// dash returns b, and nil where b is the "-" that stands for nothing.
func dash(b []byte) []byte {
	if len(b) == 1 && b[0] == '-' {
		return nil
	}
	return b
}

// cutAddress reads an IP address at the start of b, with or without brackets and
// port; addr is nil where there is none. What follows must not belong to a word.
func cutAddress(b []byte) (addr, port, rest []byte) {
	n := 0
	for n < len(b) && n < 64 && (b[n]-'0' <= 9 || b[n]|0x20-'a' <= 5 || b[n] == ':' || b[n] == '.' || b[n] == '%' || b[n] == '[' || b[n] == ']') {
		n++
	}
	if n < len(b) && (isWord(b[n]) || b[n] == '-') && !bytes.Contains(b[:n], []byte("%")) {
		return nil, nil, b
	}
	for n > 0 && (b[n-1] == '.' || b[n-1] == ':' && (n < 2 || b[n-2] != ':') || b[n-1] == ']' && b[0] != '[') {
		n-- // the sentence's own
	}
	addr, port = splitPort(b[:n])
	if !isAddress(addr) {
		return nil, nil, b
	}
	return addr, port, b[n:]
}

// setAddress sets the client from an address that b starts with.
func (r *Record) setAddress(b []byte) bool {
	addr, port, _ := cutAddress(b)
	if addr != nil {
		r.Client, r.ClientPort = addr, port
	}
	return addr != nil
}

// join puts parts, separated by sep, into memory of s.
func (s *Scratch) join(sep string, parts ...[]byte) []byte {
	start := len(s.buf)
	for i, p := range parts {
		if i > 0 {
			s.buf = append(s.buf, sep...)
		}
		s.buf = append(s.buf, p...)
	}
	return s.buf[start:len(s.buf):len(s.buf)]
}

// addAttr appends a key and value that stand at the top of r, if there is room.
func (r *Record) addAttr(key, value []byte) {
	if len(r.Attrs) < maxAttrs {
		r.Attrs = append(r.Attrs, Attr{Key: key, Value: value, Parent: -1})
	}
}

// readPairs takes key=value pairs as format logfmt does. What they say of a
// failure joins the message that r has.
func (r *Record) readPairs(b []byte, s *Scratch) {
	text := r.Message
	r.Message = nil
	w := &s.walk
	w.reset()
	w.stack[0] = frame{attr: -1, hash: hashSeed, what: fClean}
	w.pairs(r, s, b, -1, '=')
	w.finish(r, s)
	r.lead(text, s)
}

// readJSON takes the members of the object that b starts with as format json
// does, and returns what follows it.
func (r *Record) readJSON(b []byte, s *Scratch) (rest []byte) {
	text := r.Message
	r.Message = nil
	w := &s.walk
	w.reset()
	if n := w.run(r, s, b, -1); n >= 0 {
		rest = b[n:]
	}
	w.finish(r, s)
	r.lead(text, s)
	return rest
}

// lead puts text before the message.
func (r *Record) lead(text []byte, s *Scratch) {
	switch {
	case len(r.Message) == 0 || bytes.Equal(text, r.Message):
		r.Message = text
	case len(text) > 0:
		r.Message = s.join(" | ", text, r.Message)
	}
}
